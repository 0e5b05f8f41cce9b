"""Everything that is said about one score of a network on zero bias and signals: what evaluation.json holds of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.trigger.performance.energy_scale import scaled_events
from l1ml.trigger.performance.importance import InputImportance, Score, permuted_words, removed_objects
from l1ml.trigger.performance.scored import ScoredSample
from l1ml.trigger.performance.stability import Stability, stability
from l1ml.trigger.performance.working_point import WorkingPoint, working_points
from l1ml.trigger.roc import area_error, area_under_curve
from l1ml.trigger.study import ZERO_BIAS

__all__ = ["CURVE_RATES_KHZ", "ScorePerformance", "reference_point", "score_area", "score_performance"]

CURVE_RATES_KHZ = tuple(float(rate) for rate in np.geomspace(0.1, 100.0, 31))
"""Rates of the curve of efficiency against rate: what a trigger may spend on one seed, with room on both sides."""

_REFERENCE_KHZ = 1.0


@dataclass(frozen=True, eq=False, slots=True)
class ScorePerformance:
    """One score.

    Parameters
    ----------
    areas : mapping of str to (float, float)
        Area under the ROC curve of each signal, and its error.
    points : tuple of WorkingPoint
        At the rates asked for that the sample resolves.
    unresolved : mapping of float to str
        Why each other rate asked for has none.
    curve : tuple of WorkingPoint
        At those of `CURVE_RATES_KHZ` that the sample resolves.
    energy_scale : tuple of Stability
        Each working point at another energy scale, of all objects and of one kind at a time.
    importance : tuple of InputImportance
        At the `reference_point`; empty where no rate is resolved.
    """

    areas: Mapping[str, tuple[float, float]]
    points: tuple[WorkingPoint, ...]
    unresolved: Mapping[float, str]
    curve: tuple[WorkingPoint, ...]
    energy_scale: tuple[Stability, ...]
    importance: tuple[InputImportance, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        reference = reference_point(self.points)
        return {
            "areas": {name: {"area": area, "error": error} for name, (area, error) in self.areas.items()},
            "working_points": [point.to_dict() for point in self.points],
            "unresolved": [{"target_khz": rate, "reason": reason} for rate, reason in self.unresolved.items()],
            "curve": [point.to_dict() for point in self.curve],
            "energy_scale": [row.to_dict() for row in self.energy_scale],
            "reference_khz": None if reference is None else reference.target_khz,
            "importance": [item.to_dict() for item in self.importance],
        }


def reference_point(points: Sequence[WorkingPoint]) -> WorkingPoint | None:
    """The working point nearest to 1 kHz, in the logarithm; None where there is none."""
    return min(points, key=lambda point: abs(np.log(point.target_khz / _REFERENCE_KHZ)), default=None)


def score_performance(
    events: Mapping[str, Events],
    samples: Mapping[str, ScoredSample],
    score: Score,
    rates_khz: Sequence[float],
    crossing_rate_khz: float,
    *,
    shift_percent: float,
    rng: np.random.Generator,
    advance: Callable[[], None] = lambda: None,
) -> ScorePerformance:
    """Evaluate one score.

    Parameters
    ----------
    events : mapping of str to Events
        Crossings of each process, "zero_bias" among them; those of a signal equally weighted.
    samples : mapping of str to ScoredSample
        The same with their score words.
    score : callable
        The network: words of the crossings in, score words out.
    rates_khz : sequence of float
        Zero-bias rates of the working points.
    crossing_rate_khz : float
        Rate of all crossings.
    shift_percent : float
        Shift of the energy scale, taken up and down.
    rng : numpy.random.Generator
        Draws the permutations.
    advance : callable
        Called after each of the four parts.
    """
    signals = {name: item for name, item in samples.items() if name != ZERO_BIAS}
    points, unresolved = working_points(samples[ZERO_BIAS], signals, rates_khz, crossing_rate_khz)
    curve, _ = working_points(samples[ZERO_BIAS], signals, CURVE_RATES_KHZ, crossing_rate_khz)
    advance()
    shifts = _shifts(events, samples, score, points, crossing_rate_khz, percent=shift_percent)
    advance()
    reference = reference_point(points)
    importance: list[InputImportance] = []
    if reference is not None:
        schema = events[ZERO_BIAS].schema
        inputs: dict[str, NDArray[np.int32]] = {name: item.features() for name, item in events.items()}
        importance += removed_objects(schema, samples, inputs, score, reference.threshold)
        advance()
        if not any(item.grid for item in schema.read):  # one place of many says nothing, and there are hundreds
            importance += permuted_words(schema.features, samples, inputs, score, reference.threshold, rng=rng)
        advance()
    areas = {name: score_area(item, samples[ZERO_BIAS]) for name, item in signals.items()}
    return ScorePerformance(areas, points, unresolved, curve, shifts, tuple(importance))


def score_area(signal: ScoredSample, zero_bias: ScoredSample) -> tuple[float, float]:
    """Area under the ROC curve of a signal, and its error."""
    area = area_under_curve(signal.words, zero_bias.words, zero_bias.sample.weight)
    return area, area_error(signal.words, signal.sample, zero_bias.words, zero_bias.sample)


def _shifts(
    events: Mapping[str, Events],
    samples: Mapping[str, ScoredSample],
    score: Score,
    points: Sequence[WorkingPoint],
    crossing_rate_khz: float,
    *,
    percent: float,
) -> tuple[Stability, ...]:
    """Both signs, of all objects that the network reads and of each kind that has an energy."""
    kinds = [item.name for item in events[ZERO_BIAS].schema.read if item.energy]
    choices = [("all objects", kinds), *((name, [name]) for name in kinds if len(kinds) > 1)]
    rows: list[Stability] = []
    for label, chosen in choices:
        for sign in (1.0, -1.0):
            pairs = {}
            for name, before in samples.items():
                words = score(scaled_events(events[name], sign * percent, chosen).features())
                pairs[name] = (before, ScoredSample(before.sample, before.group, words, before.classical))
            zero_bias = pairs.pop(ZERO_BIAS)
            rows += stability(f"{label} {sign * percent:+g} %", points, zero_bias, pairs, crossing_rate_khz)
    return tuple(rows)
