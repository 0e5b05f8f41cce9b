"""The background estimate of two scores on a zero-bias sample of its own: asked for, never part of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data import Events, read_events
from l1ml.data.generation.config import GenerationConfig
from l1ml.data.generation.pileup_draws import PileupDraws
from l1ml.data.generation.production import generate
from l1ml.errors import ConfigError
from l1ml.progress import Progress
from l1ml.training import CROSSINGS
from l1ml.trigger.abcd import abcd, closure_pulls
from l1ml.trigger.performance.background import background_estimate
from l1ml.trigger.performance.background_shifts import background_shifts
from l1ml.trigger.performance.energy_scale import scaled_events
from l1ml.trigger.performance.pileup_error import pileup_errors
from l1ml.trigger.rates.sample import WeightedSample
from l1ml.workflow.decision_step import decision_inputs
from l1ml.workflow.scored_model import ScoredModel
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import ZERO_BIAS, Workspace

__all__ = ["CLOSURE"]

Words = NDArray[np.int64]

_SCALES = {
    "jet +5 %": (5.0, ("jet",)),
    "jet -5 %": (-5.0, ("jet",)),
    "all objects +5 %": (5.0, None),
    "all objects -5 %": (-5.0, None),
}
"""Per cent, and the objects whose scale is wrong; None stands for all of them."""


def _inputs(workspace: Workspace) -> Any:
    return {**decision_inputs(workspace), "sample": _config(workspace).digest}


def _config(workspace: Workspace) -> GenerationConfig:
    """What to generate.

    Raises
    ------
    ConfigError
        If the recipe asks for no such sample, or for that of its events, which a training has seen.
    """
    recipe = workspace.recipe
    if recipe.closure is None:
        msg = f"{workspace.folder / 'model.toml'} has no table [closure], the sample of a closure test; an empty one is enough"
        raise ConfigError(msg)
    if recipe.closure.seed == recipe.events.seed:
        msg = f"[closure] and [events] have the same seed {recipe.events.seed}, which a training has seen; give another"
        raise ConfigError(msg)
    return recipe.closure.sample(recipe.events)


def _work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    config, scored = _config(workspace), ScoredModel.of(workspace)
    if len(scored.scores()) != 2:
        msg = f"a closure test takes two scores, {workspace.menu_file} has {sorted(scored.scores())} of {scored.model.name!r}"
        raise ConfigError(msg)
    zero_bias = _generated(config, workspace, progress)
    words = scored.words({**scored.events(), ZERO_BIAS: zero_bias})
    sample = WeightedSample.of(zero_bias)
    background = background_estimate(words, sample)
    one, other = (found[ZERO_BIAS] for found in words.values())
    draws = PileupDraws.if_kept(config, workspace.sample / "events")
    pileup, background["rows"] = _with_pileup(background["rows"], one, other, sample, draws)
    return {
        "model_digest": scored.model.digest,
        "zero_bias": {"n_events": zero_bias.n, "n_groups": sample.n_draws, "n_effective": sample.n_effective, **pileup},
        "background": background,
        "shifts": background_shifts(background["rows"], _shifted(scored, zero_bias), sample),
    }


def _with_pileup(
    rows: Sequence[Mapping[str, Any]], one: Words, other: Words, sample: WeightedSample, draws: PileupDraws | None
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Size of the pool of pileup, and `rows` with errors that know of it: of the hard collisions alone, of pileup alone, both."""
    if draws is None or not rows:
        return {}, [{**row, "draw_error": row["closure_error"], "pileup_error": None} for row in rows]
    found = [abcd(one, other, sample, (int(first), int(second))) for first, second in (row["thresholds"] for row in rows)]
    pulls = np.array([closure_pulls(item, one, other, sample) for item in found])
    errors = pileup_errors(pulls, draws, draws.n_soft, draws.n_collisions).tolist()
    return {"n_soft": draws.n_soft}, [
        {**row, "draw_error": row["closure_error"], "pileup_error": error, "closure_error": hypot(row["closure_error"], error)}
        for row, error in zip(rows, errors, strict=True)
    ]


def _shifted(scored: ScoredModel, zero_bias: Events) -> dict[str, tuple[Words, Words]]:
    """Words of both scores were the energy scale wrong, under each of `_SCALES`."""
    made = {}
    for condition, (percent, collections) in _SCALES.items():
        words = scored.words({ZERO_BIAS: scaled_events(zero_bias, percent, collections)})
        one, other = (found[ZERO_BIAS] for found in words.values())
        made[condition] = one, other
    return made


def _generated(config: GenerationConfig, workspace: Workspace, progress: Progress) -> Events:
    """Crossings, made or found beside those of the recipe."""
    folder = workspace.sample / "events"
    (record,) = generate(config, folder, workers=workspace.workers, scheduler=workspace.scheduler, progress=progress)
    return read_events(record.path, workspace.recipe.training.schema)


CLOSURE = Step("closure", "evaluate --closure", _inputs, _work, sample=CROSSINGS)
"""Leaves ``closure.json``."""
