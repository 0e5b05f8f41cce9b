"""What becomes of a fixed threshold when the conditions are not those that it was derived for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from l1ml.trigger.efficiency import Efficiency, efficiency
from l1ml.trigger.performance.paired import PairedSamples, Ratio
from l1ml.trigger.performance.scored import ScoredSample
from l1ml.trigger.performance.working_point import WorkingPoint
from l1ml.trigger.rates.rate import Rate

__all__ = ["SignalStability", "Stability", "stability"]


@dataclass(frozen=True, slots=True)
class SignalStability:
    """Efficiency of one signal under other conditions, and its ratio to what it was."""

    changed: Efficiency
    ratio: Ratio

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**self.changed.to_dict(), "ratio": self.ratio.to_dict()}


@dataclass(frozen=True, eq=False, slots=True)
class Stability:
    """One threshold under other conditions.

    Parameters
    ----------
    conditions : str
        What is different, such as "jet +5 %".
    target_khz : float
        Rate that the threshold was derived for.
    threshold : int
        The threshold, unchanged.
    rate : Rate
        Zero-bias rate under the other conditions.
    ratio : Ratio
        To the rate before.
    signals : mapping of str to SignalStability
        Each signal.
    """

    conditions: str
    target_khz: float
    threshold: int
    rate: Rate
    ratio: Ratio
    signals: Mapping[str, SignalStability]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "conditions": self.conditions,
            "target_khz": self.target_khz,
            "threshold": self.threshold,
            **self.rate.to_dict(),
            "ratio": self.ratio.to_dict(),
            "signals": {name: item.to_dict() for name, item in self.signals.items()},
        }


def stability(
    conditions: str,
    points: Sequence[WorkingPoint],
    zero_bias: tuple[ScoredSample, ScoredSample],
    signals: Mapping[str, tuple[ScoredSample, ScoredSample]],
    crossing_rate_khz: float,
) -> list[Stability]:
    """The thresholds of `points` under other conditions.

    Parameters
    ----------
    conditions : str
        What is different.
    points : sequence of WorkingPoint
        Working points of the first of each two samples.
    zero_bias : tuple of ScoredSample
        Background crossings before and after the change; they may be the same ones, share some collisions, or none.
    signals : mapping of str to tuple of ScoredSample
        The same of each signal.
    crossing_rate_khz : float
        Rate of all crossings, which the change leaves as it is.
    """
    pairs = {name: PairedSamples.of(after, before) for name, (before, after) in signals.items()}
    background = PairedSamples.of(zero_bias[1], zero_bias[0])
    rows = []
    for point in points:
        before, after = (item.words >= point.threshold for item in zero_bias)
        rate = Rate.of(zero_bias[1].sample.fraction(after), crossing_rate_khz)
        changed = {name: _signal(pairs[name], two, point.threshold) for name, two in signals.items()}
        rows.append(Stability(conditions, point.target_khz, point.threshold, rate, background.ratio(after, before), changed))
    return rows


def _signal(pair: PairedSamples, samples: tuple[ScoredSample, ScoredSample], threshold: int) -> SignalStability:
    before, after = (item.words >= threshold for item in samples)
    return SignalStability(efficiency(after, samples[1].group), pair.ratio(after, before))
