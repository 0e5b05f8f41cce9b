"""Step 6: thresholds at a rate, rates, efficiencies: what the menu does with the scores."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.configuration import read_toml
from l1ml.data import Events, split_of
from l1ml.data.generation.pileup_draws import PileupDraws
from l1ml.emulation.integers import IntegerEmulator
from l1ml.errors import SchemaError
from l1ml.model import TriggerModel
from l1ml.progress import Progress
from l1ml.training import CROSSINGS
from l1ml.trigger.menus.toml_menu import read_toml_menu, write_toml_menu
from l1ml.trigger.networks import select_scores
from l1ml.trigger.study import study
from l1ml.trigger.thresholds import resolve_thresholds
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import ZERO_BIAS, Workspace

__all__ = ["DECISION", "decision_inputs", "unseen_events", "unseen_part"]

_TEST = 2


def decision_inputs(workspace: Workspace) -> dict[str, Any]:
    """What decides the scores of a model on its own events, and what its menu makes of them."""
    return {
        "menu": read_toml(workspace.menu_file),
        "model": workspace.model().digest,
        "fractions": workspace.recipe.training.fractions,
        "events": workspace.event_digests(),
    }


def _work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    menu = read_toml_menu(workspace.menu_file)
    model = workspace.model()
    emulator = IntegerEmulator(model.network)
    files = workspace.event_files()
    progress.start("decisions", len(files) + 1)
    whole = {process: workspace.events(process) for process in files}
    events, scores = {}, {}
    for process in files:
        events[process] = unseen_part(workspace, process, whole[process], model)
        words = emulator.predict(events[process].features())
        scores[process] = select_scores(menu, {model.name: words.reshape(len(words), emulator.n_outputs)})
        progress.advance()
    zero_bias, models = events.pop(ZERO_BIAS), {model.name: model.digest}
    resolved = resolve_thresholds(menu, scores[ZERO_BIAS], zero_bias.weight, models)
    write_toml_menu(workspace.run / "menu.toml", resolved)
    formats, pileup = dict.fromkeys(menu.scores, model.output_format), _pileup(workspace, whole[ZERO_BIAS])
    result = study(resolved, zero_bias, events, scores, models, score_formats=formats, pileup=pileup)
    progress.advance()
    progress.finish()
    return {**result.to_dict(), "model_digest": model.digest}


def unseen_events(workspace: Workspace, process: str, model: TriggerModel) -> Events:
    """Crossings that no training has seen: of zero bias the test part, of a signal all."""
    return unseen_part(workspace, process, workspace.events(process), model)


def unseen_part(workspace: Workspace, process: str, events: Events, model: TriggerModel) -> Events:
    """Those of `events`, crossings of `process`, that no training of the recipe has seen; see `unseen_events`."""
    if events.schema.digest != model.schema_digest:
        msg = f"{process} has schema {events.schema.digest[:8]}, the model was trained on {model.schema_digest[:8]}"
        raise SchemaError(msg + "; generate the events and train again")
    if process != ZERO_BIAS:
        return events
    return events.select(_in_test_part(workspace, events))


def _in_test_part(workspace: Workspace, zero_bias: Events) -> NDArray[np.bool_]:
    part: NDArray[np.int8] = split_of(zero_bias.group, workspace.recipe.training.fractions)
    return np.asarray(part == _TEST)


def _pileup(workspace: Workspace, zero_bias: Events) -> PileupDraws | None:
    """Of those crossings of `zero_bias` that no training has seen, where the pools that it was drawn from are kept."""
    draws = PileupDraws.if_kept(workspace.recipe.events, workspace.sample / "events")
    return draws and draws.among(_in_test_part(workspace, zero_bias))


def _products(workspace: Workspace, _content: dict[str, Any]) -> bool:
    return (workspace.run / "menu.toml").is_file()


DECISION = Step("decision", "menu rates", decision_inputs, _work, _products, CROSSINGS)
