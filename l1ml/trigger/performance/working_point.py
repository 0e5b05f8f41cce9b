"""Thresholds at given rates of zero bias, and what of each signal is at or above them.

The efficiency of a signal at a rate, its true-positive rate, has two errors: that of the crossings of the signal, and that of the
threshold, which finite zero bias puts at a wrong word.  The second follows R. S. Woodruff, J. Am. Stat. Assoc. 47 (1952) 635: the
thresholds at the rate plus and minus its error are the interval of the threshold, whatever the score's distribution.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.trigger.efficiency import Efficiency, efficiency
from l1ml.trigger.performance.resolution import MIN_EFFECTIVE, RateResolutionError, resolved_threshold
from l1ml.trigger.performance.scored import ScoredSample
from l1ml.trigger.rates.rate import Rate
from l1ml.trigger.thresholds import near_threshold, threshold_at_rate

__all__ = ["SignalPoint", "WorkingPoint", "working_point", "working_points"]


@dataclass(frozen=True, slots=True)
class SignalPoint:
    """One signal at a threshold.

    Parameters
    ----------
    alone : Efficiency
        Crossings that reach the threshold, with the error of their number.
    on_top : Efficiency
        Crossings that reach it and that no classical seed keeps: the pure efficiency.
    threshold_low, threshold_high : float
        Efficiencies at the upper and the lower end of the threshold's interval: the error of finite zero bias.
    """

    alone: Efficiency
    on_top: Efficiency
    threshold_low: float
    threshold_high: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        ends = {"threshold_low": self.threshold_low, "threshold_high": self.threshold_high}
        return {**self.alone.to_dict(), **ends, "on_top": self.on_top.to_dict()}


@dataclass(frozen=True, eq=False, slots=True)
class WorkingPoint:
    """One threshold on a score.

    Parameters
    ----------
    target_khz : float
        The zero-bias rate asked for.
    threshold : int
        Smallest word whose rate is at most that.
    threshold_low, threshold_high : int
        Its 68.27 % interval.
    rate : Rate
        What results, with the crossings behind it.
    false_positive_rate : float
        The same as a fraction of all crossings.
    pure : Rate
        Of the crossings that no classical seed keeps.
    signals : mapping of str to SignalPoint
        Each signal.
    """

    target_khz: float
    threshold: int
    threshold_low: int
    threshold_high: int
    rate: Rate
    false_positive_rate: float
    pure: Rate
    signals: Mapping[str, SignalPoint]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "target_khz": self.target_khz,
            "threshold": self.threshold,
            "threshold_low": self.threshold_low,
            "threshold_high": self.threshold_high,
            **self.rate.to_dict(),
            "false_positive_rate": self.false_positive_rate,
            **self.pure.to_dict("pure_"),
            "signals": {name: point.to_dict() for name, point in self.signals.items()},
        }


def working_point(
    zero_bias: ScoredSample,
    signals: Mapping[str, ScoredSample],
    rate_khz: float,
    crossing_rate_khz: float,
    *,
    min_effective: float = MIN_EFFECTIVE,
) -> WorkingPoint:
    """The threshold at `rate_khz` of zero bias and what it keeps.

    Parameters
    ----------
    zero_bias : ScoredSample
        Weighted background crossings.
    signals : mapping of str to ScoredSample
        Equally weighted crossings of each signal.
    rate_khz, crossing_rate_khz : float
        Rate to stay at or below; rate of all crossings.
    min_effective : float
        Effective background crossings that must reach the threshold.

    Raises
    ------
    RateResolutionError
        If fewer do, saying how many crossings the rate needs.
    """
    words, sample = zero_bias.words, zero_bias.sample
    threshold, reached = resolved_threshold(words, sample, rate_khz, crossing_rate_khz, min_effective=min_effective)
    fired = words >= threshold
    # the threshold stands just above a crossing, the more often above one the heavier it is
    near = near_threshold(words, sample.weight, rate_khz, crossing_rate_khz)
    rate = Rate.of(sample.fraction(fired, near), crossing_rate_khz)
    pure = Rate.of(sample.fraction(fired & ~zero_bias.classical, fired), crossing_rate_khz)
    high, low = (_shifted_threshold(zero_bias, rate_khz + sign * rate.error_khz, crossing_rate_khz) for sign in (-1.0, 1.0))
    points = {name: _signal_point(item, threshold, low, high) for name, item in signals.items()}
    return WorkingPoint(rate_khz, threshold, low, high, rate, reached.value, pure, points)


def _shifted_threshold(zero_bias: ScoredSample, rate_khz: float, crossing_rate_khz: float) -> int:
    """Threshold at another rate; one above the largest word where the error is as large as the rate."""
    if not rate_khz > 0:
        return int(zero_bias.words.max()) + 1
    return threshold_at_rate(zero_bias.words, zero_bias.sample.weight, rate_khz, crossing_rate_khz)


def _signal_point(signal: ScoredSample, threshold: int, low: int, high: int) -> SignalPoint:
    fired = signal.words >= threshold
    return SignalPoint(
        efficiency(fired, signal.group),
        efficiency(fired & ~signal.classical, signal.group),
        float(np.mean(signal.words >= high)),
        float(np.mean(signal.words >= low)),
    )


def working_points(
    zero_bias: ScoredSample,
    signals: Mapping[str, ScoredSample],
    rates_khz: Iterable[float],
    crossing_rate_khz: float,
) -> tuple[tuple[WorkingPoint, ...], dict[float, str]]:
    """Working points at all rates that the sample resolves, and for each other rate why it does not; see `working_point`."""
    points, unresolved = [], {}
    for rate_khz in rates_khz:
        try:
            points.append(working_point(zero_bias, signals, rate_khz, crossing_rate_khz))
        except RateResolutionError as error:
            unresolved[rate_khz] = str(error)
    return tuple(points), unresolved
