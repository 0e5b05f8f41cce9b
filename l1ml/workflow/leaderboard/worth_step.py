"""What a variant is worth on crossings or jets that no training has seen, so that variants can be compared draw by draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.configuration import read_toml
from l1ml.data import Events, split_of
from l1ml.data.jet_words import classes_of
from l1ml.emulation.integers import IntegerEmulator
from l1ml.errors import ConfigError
from l1ml.progress import Progress
from l1ml.training import CROSSINGS, JETS
from l1ml.trigger.menus.toml_menu import read_toml_menu
from l1ml.trigger.networks import select_scores
from l1ml.trigger.performance import RateResolutionError, ScoredSample
from l1ml.trigger.performance.resampling import DRAWS, Resampled, resampled_areas, resampled_efficiencies, resampled_share
from l1ml.trigger.rates.sample import WeightedSample
from l1ml.workflow.leaderboard.float_step import FLOATS, float_scores
from l1ml.workflow.leaderboard.variant_workspace import VariantWorkspace
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import ZERO_BIAS, Workspace

__all__ = ["is_compared", "worth_step"]

_TEST = 2
_GRID = 2.0**-16
"""Of scores in floats, where words are asked for: finer than that of any model."""

Words = NDArray[np.int64]


def is_compared(workspace: Workspace) -> bool:
    """Whether a leaderboard knows what such a model is worth."""
    return workspace.recipe.training.sample in _WORTH


def worth_step(rate_khz: float) -> Step:
    """The step that finds the efficiencies at `rate_khz` of zero bias and the areas, or the accuracy of a classifier of jets."""
    return Step("worth", "leaderboard", partial(_inputs, rate_khz), partial(_work, rate_khz))


def _inputs(rate_khz: float, workspace: Workspace) -> Any:
    trained = workspace.result(FLOATS.name, FLOATS.verb)["weights_digest"] if _is_float(workspace) else workspace.model().digest
    of_crossings = workspace.recipe.training.sample is CROSSINGS
    return {
        "model": trained,
        "fractions": workspace.recipe.training.fractions,
        "events": workspace.event_digests(),
        "menu": read_toml(workspace.menu_file) if of_crossings else None,
        "rate_khz": rate_khz if of_crossings else None,
        "draws": DRAWS,
    }


def _is_float(workspace: Workspace) -> bool:
    return isinstance(workspace, VariantWorkspace) and workspace.variant.is_float


def _work(rate_khz: float, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    kind = workspace.recipe.training.sample
    if kind not in _WORTH:
        msg = f"{workspace.folder} is trained on {kind.name}; a leaderboard knows {' and '.join(item.name for item in _WORTH)}"
        raise ConfigError(msg)
    progress.start("figures")
    figures, unresolved = _WORTH[kind](workspace, rate_khz)
    progress.finish()
    return {
        "figures": {name: {"value": item.value, "error": item.error, "draws": item.draws} for name, item in figures.items()},
        "unresolved": unresolved,
        "events": list(workspace.event_digests()),
    }


def _of_crossings(workspace: Workspace, rate_khz: float) -> tuple[dict[str, Resampled], dict[str, str]]:
    """Efficiencies and areas of each score and signal; for a rate that the sample does not resolve, why."""
    menu, score_of = read_toml_menu(workspace.menu_file), _network(workspace)
    events = {name: _unseen(workspace, name) for name in workspace.event_files()}
    found: dict[str, Resampled] = {}
    unresolved: dict[str, str] = {}
    scores = {name: select_scores(menu, {workspace.recipe.model.name: score_of(item)}) for name, item in events.items()}
    for score in scores[ZERO_BIAS]:
        prefix = f"{score}: " if len(scores[ZERO_BIAS]) > 1 else ""
        samples = {name: _sample(name, item, np.asarray(scores[name][score])) for name, item in events.items()}
        try:
            at_rate = resampled_efficiencies(samples, ZERO_BIAS, rate_khz, menu.rates.khz)
            found |= {f"{prefix}{name} at {rate_khz:g} kHz": item for name, item in at_rate.items()}
        except RateResolutionError as error:
            unresolved[f"{prefix}{rate_khz:g} kHz"] = str(error)
        found |= {f"{prefix}{name} AUC": item for name, item in resampled_areas(samples, ZERO_BIAS).items()}
    return found, unresolved


def _sample(name: str, events: Events, words: Words) -> ScoredSample:
    """Crossings with their words; no classical seed is asked here."""
    return ScoredSample.of(name, events, words.astype(np.int64), np.zeros(events.n, np.bool_))


def _of_jets(workspace: Workspace, _rate_khz: float) -> tuple[dict[str, Resampled], dict[str, str]]:
    """Share of the test jets whose largest logit is that of their class."""
    jets = _unseen(workspace, JETS.process)
    right = _network(workspace)(jets).argmax(axis=1) == classes_of(jets)
    return {"accuracy": resampled_share(right, WeightedSample.of(jets))}, {}


_WORTH: Mapping[Any, Callable[[Workspace, float], tuple[dict[str, Resampled], dict[str, str]]]] = {
    CROSSINGS: _of_crossings,
    JETS: _of_jets,
}


def _unseen(workspace: Workspace, process: str) -> Events:
    """Crossings or jets of `process` that no training has seen: of what is trained on the test part, of a signal all."""
    training, events = workspace.recipe.training, workspace.events(process)
    return events.select(split_of(events.group, training.fractions) == _TEST) if process == training.sample.process else events


def _network(workspace: Workspace) -> Callable[[Events], Words]:
    """From crossings or jets to words (n, n_outputs); those of a network in floats are its scores on a fine grid."""
    if _is_float(workspace):
        floats = float_scores(workspace)
        return lambda events: np.asarray(np.floor(floats(events) / _GRID), np.int64)
    emulator = IntegerEmulator(workspace.model().network)
    return lambda events: np.asarray(emulator.predict(events.features()), np.int64).reshape(events.n, emulator.n_outputs)
