"""The thresholds of a model on crossings of other pileup, generated for it: asked for, never part of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from l1ml.data import LEVEL1_SCHEMA, Events, read_events
from l1ml.data.generation.config import GenerationConfig
from l1ml.data.generation.production import generate
from l1ml.progress import Progress
from l1ml.trigger.performance import ScoredSample, stability, working_points
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
    """

    def inputs(workspace: Workspace) -> Any:
        made = {str(pileup): item.digest for pileup, item in _configs(workspace, pileups).items()}
        return {**evaluation_inputs(config, workspace), "pileups": made}

    return Step("pileup", "evaluate --pileup", inputs, partial(_work, config, pileups))


def _configs(workspace: Workspace, pileups: Sequence[float]) -> dict[float, GenerationConfig]:
    """What to generate for each pileup."""
    return {pileup: replace(workspace.recipe.events, pileup=pileup, pileup_profile=None) for pileup in sorted(set(pileups))}


def _work(config: EvaluationConfig, pileups: Sequence[float], workspace: Workspace, progress: Progress) -> dict[str, Any]:
    scored = ScoredModel.of(workspace, config.classical_menu())
    khz, nominal, scores = scored.menu.rates.khz, scored.events(), scored.scores()
    before = {name: _samples(scored, nominal, name) for name in scores}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in scores}
    for pileup, made in _configs(workspace, pileups).items():
        events = scored.unseen(_generated(made, workspace, progress))
        for name in scores:
            signals = {process: item for process, item in before[name].items() if process != ZERO_BIAS}
            points, _ = working_points(before[name][ZERO_BIAS], signals, config.rates_khz, khz)
            pairs = {process: (before[name][process], item) for process, item in _samples(scored, events, name).items()}
            zero_bias = pairs.pop(ZERO_BIAS)
            rows[name] += [row.to_dict() for row in stability(f"pileup {pileup:g}", points, zero_bias, pairs, khz)]
    return {
        "model_digest": scored.model.digest,
        "pileups": sorted(set(pileups)),
        "derived_at": workspace.recipe.events.pileup,
        "scale": workspace.recipe.events.scale,
        "scores": rows,
    }


def _samples(scored: ScoredModel, events: dict[str, Events], score: str) -> dict[str, ScoredSample]:
    return {process: scored.sample(process, item, scored.scores()[score]) for process, item in events.items()}


def _generated(config: GenerationConfig, workspace: Workspace, progress: Progress) -> dict[str, Events]:
    """Crossings of each process, made or found beside those of the recipe."""
    folder = workspace.run / "events"
    made = generate(config, folder, workers=workspace.workers, scheduler=workspace.scheduler, progress=progress)
    return {record.process: read_events(record.path, LEVEL1_SCHEMA) for record in made}
