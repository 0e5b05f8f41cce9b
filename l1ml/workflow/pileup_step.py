"""The thresholds of a model on crossings of other pileup, generated for it: asked for, never part of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from l1ml.data import Events, read_events
from l1ml.data.generation.config import GenerationConfig
from l1ml.data.generation.production import generate
from l1ml.progress import Progress
from l1ml.training import CROSSINGS
from l1ml.trigger.performance import ScoredSample, Stability, stability, working_points
from l1ml.workflow.evaluation_step import EvaluationConfig, evaluation_inputs
from l1ml.workflow.scored_model import ScoredModel
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import ZERO_BIAS, Workspace

__all__ = ["pileup_step"]


def pileup_step(config: EvaluationConfig, pileups: Sequence[float]) -> Step:
    """The step for crossings of each mean pileup of `pileups`; it leaves ``pileup.json``.

    Notes
    -----
    The samples have the sizes of the recipe, unless the workspace says otherwise, and are made of its own pools: crossings around
    one hard collision at two pileups are one draw of the ratio of two rates.  The pedestals of the towers follow the pileup, as
    in the sample that the model was trained on.

    A threshold stands just above a crossing of the sample that it was derived from, whose rate is therefore low by up to the
    weight of that crossing.  Where the recipe's own pileup is asked for, too, ratios of the others are to its new sample.
    """

    def inputs(workspace: Workspace) -> Any:
        made = {str(pileup): item.digest for pileup, item in _configs(workspace, pileups).items()}
        return {**evaluation_inputs(config, workspace), "pileups": made}

    return Step("pileup", "evaluate --pileup", inputs, partial(_work, config, pileups), sample=CROSSINGS)


def _configs(workspace: Workspace, pileups: Sequence[float]) -> dict[float, GenerationConfig]:
    """What to generate for each pileup."""
    return {pileup: replace(workspace.recipe.events, pileup=pileup, pileup_profile=None) for pileup in sorted(set(pileups))}


def _work(config: EvaluationConfig, pileups: Sequence[float], workspace: Workspace, progress: Progress) -> dict[str, Any]:
    scored, recipe = ScoredModel.of(workspace, config.classical_menu()), workspace.recipe.events
    made = {
        pileup: scored.samples(scored.unseen(_generated(item, workspace, progress)))
        for pileup, item in _configs(workspace, pileups).items()
    }
    control = recipe.pileup if recipe.pileup_profile is None and recipe.pileup in made else None
    khz, rows = scored.menu.rates.khz, {}
    for name, derived in scored.samples(scored.events()).items():
        after = {pileup: samples[name] for pileup, samples in made.items()}
        rows[name] = [row.to_dict() for row in _rows(config, derived, after, khz, control=control)]
    return {
        "model_digest": scored.model.digest,
        "pileups": list(made),
        "derived_at": recipe.pileup,
        "control": control,
        "scale": recipe.scale,
        "scores": rows,
    }


def _rows(
    config: EvaluationConfig,
    derived: dict[str, ScoredSample],
    after: dict[float, dict[str, ScoredSample]],
    khz: float,
    *,
    control: float | None,
) -> list[Stability]:
    """Every working point of one score, `derived` on the recipe's own crossings, at each pileup."""
    signals = {process: item for process, item in derived.items() if process != ZERO_BIAS}
    points, _ = working_points(derived[ZERO_BIAS], signals, config.rates_khz, khz)
    rows = []
    for pileup, samples in after.items():
        before = derived if control in (None, pileup) else after[control]
        pairs = {process: (before[process], item) for process, item in samples.items()}
        zero_bias = pairs.pop(ZERO_BIAS)
        label = f"pileup {pileup:g}" + (" (control)" if pileup == control else "")
        rows += stability(label, points, zero_bias, pairs, khz)
    return rows


def _generated(config: GenerationConfig, workspace: Workspace, progress: Progress) -> dict[str, Events]:
    """Crossings of each process, made or found beside those of the recipe."""
    folder = workspace.run / "events"
    made = generate(config, folder, workers=workspace.workers, scheduler=workspace.scheduler, progress=progress)
    return {record.process: read_events(record.path, workspace.recipe.training.schema) for record in made}
