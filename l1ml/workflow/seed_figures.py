"""What is compared between seeds: areas, efficiencies at the rates of a menu, closure, accuracy, with the errors of a sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import hypot
from typing import Any

from l1ml.progress import SILENT, Progress
from l1ml.training import CROSSINGS, HITS
from l1ml.trigger.performance import RateResolutionError, ScoredSample, SignalPoint, working_point
from l1ml.trigger.performance.background import background_estimate
from l1ml.trigger.performance.score_performance import score_area
from l1ml.trigger.thresholds import target_rates
from l1ml.workflow.decision_step import decision_inputs
from l1ml.workflow.filtering_step import FILTERING
from l1ml.workflow.scored_model import ScoredModel
from l1ml.workflow.step import Step, perform
from l1ml.workflow.tagging_step import TAGGING
from l1ml.workflow.workspace import ZERO_BIAS, Workspace

__all__ = ["FIGURES", "Figure"]

_ANY_CROSSING = 1e-9
"""Effective crossings that a rate needs here: a seed that is left out for a coarse rate would bend the mean of the others."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, and the standard deviation that the sample it was measured on gives it."""

    value: float
    error: float


def _inputs(workspace: Workspace) -> Any:
    kind = workspace.recipe.training.sample
    if kind is CROSSINGS:
        return decision_inputs(workspace)
    return (FILTERING if kind is HITS else TAGGING).inputs(workspace)


def _work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    measures = {CROSSINGS: _of_scores, HITS: _of_hits}
    progress.start("figures")
    found = measures.get(workspace.recipe.training.sample, _of_classes)(workspace)
    progress.finish()
    return {"model_digest": workspace.model().digest, "figures": {name: asdict(figure) for name, figure in found.items()}}


def _of_scores(workspace: Workspace) -> dict[str, Figure]:
    """Of each score and signal the area, and the efficiencies at thresholds from the scores of this model."""
    scored = ScoredModel.of(workspace)
    many = scored.samples(scored.events())
    found: dict[str, Figure] = {}
    for score, samples in many.items():
        prefix = f"{score}: " if len(many) > 1 else ""
        for name, figure in _of_score(samples, target_rates(scored.menu), scored.menu.rates.khz).items():
            found[prefix + name] = figure
    return found | (_of_both(many) if len(many) == 2 else {})


def _of_both(many: dict[str, dict[str, ScoredSample]]) -> dict[str, Figure]:
    """What two scores say together: areas, and the closure of the background estimate, which is one where it holds."""
    words = {score: {name: item.words for name, item in samples.items()} for score, samples in many.items()}
    estimate = background_estimate(words, next(iter(many.values()))[ZERO_BIAS].sample)
    areas = {f"both: {name} AUC": Figure(item["value"], item["error"]) for name, item in estimate["areas"].items()}
    rows = {f"closure at {100 * row['asked']:g} %": Figure(row["closure"], row["closure_error"]) for row in estimate["rows"]}
    return areas | rows


def _of_score(samples: dict[str, ScoredSample], rates: tuple[float, ...], crossing_rate_khz: float) -> dict[str, Figure]:
    signals = {name: item for name, item in samples.items() if name != ZERO_BIAS}
    zero_bias = samples[ZERO_BIAS]
    found = {f"{name} AUC": Figure(*score_area(item, zero_bias)) for name, item in signals.items()}
    for rate in rates:
        try:
            point = working_point(zero_bias, signals, rate, crossing_rate_khz, min_effective=_ANY_CROSSING)
        except RateResolutionError:
            continue
        found |= {f"{name} at {rate:g} kHz": _of_point(item) for name, item in point.signals.items()}
    return found


def _of_point(point: SignalPoint) -> Figure:
    """The efficiency; half the intervals of the signal's crossings and of the threshold, which finite zero bias puts wrong."""
    error = hypot((point.alone.high - point.alone.low) / 2, (point.threshold_high - point.threshold_low) / 2)
    return Figure(point.alone.value, error)


def _of_classes(workspace: Workspace) -> dict[str, Figure]:
    """Accuracy and areas of a classifier of jets, as its run says them."""
    tagging = perform(TAGGING, workspace, SILENT).content
    accuracy = tagging["accuracy"]
    areas = {f"{name} AUC": Figure(item["area"], item["area_error"]) for name, item in tagging["classes"].items()}
    return {"accuracy": Figure(accuracy["efficiency"], (accuracy["high"] - accuracy["low"]) / 2), **areas}


def _of_hits(workspace: Workspace) -> dict[str, Figure]:
    """Background that a filter of hits rejects where it keeps given shares of the hits of tracks, and its area."""
    filtering = perform(FILTERING, workspace, SILENT).content
    (track,) = filtering["classes"].values()
    points = {f"rejected at {100 * item['target']:g} %": item for item in track["points"] if item["wanted"] == "signal"}
    points["rejected where counting keeps as many"] = filtering["instead"]
    found = {"AUC": Figure(track["area"], track["area_error"])}
    return found | {name: _of_rejection(item["background"]) for name, item in points.items()}


def _of_rejection(background: Mapping[str, float]) -> Figure:
    return Figure(1.0 - background["efficiency"], (background["high"] - background["low"]) / 2)


FIGURES = Step("figures", "seeds", _inputs, _work)
