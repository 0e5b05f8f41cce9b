"""Signal efficiency against zero-bias rate."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.rates.rate_curve import RateCurve
from l1ml.trigger.rates.sample import WeightedSample

__all__ = ["RocCurve", "area_error", "area_under_curve", "roc_curve"]


@dataclass(frozen=True, eq=False, slots=True)
class RocCurve:
    """Efficiency of one signal at the thresholds of a `RateCurve`.

    Parameters
    ----------
    signal : str
        Name of the process.
    curve : RateCurve
        Zero-bias rate at each threshold.
    crossing_rate_khz : float
        Rate of all crossings: the rate at a false-positive rate of one.
    efficiency : ndarray of float64, shape (k,)
        Fraction of signal crossings at or above each threshold.
    area : float
        Area under efficiency against false-positive rate, from all words, not only those of the curve.
    area_error : float
        Its standard deviation, see `area_error`.
    """

    signal: str
    curve: RateCurve
    crossing_rate_khz: float
    efficiency: NDArray[np.float64]
    area: float
    area_error: float

    @property
    def false_positive_rate(self) -> NDArray[np.float64]:
        """Fraction of zero-bias crossings at or above each threshold."""
        return self.curve.rate_khz / self.crossing_rate_khz

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "threshold": self.curve.thresholds.tolist(),
            "rate_khz": self.curve.rate_khz.tolist(),
            "rate_error_khz": self.curve.error_khz.tolist(),
            "false_positive_rate": self.false_positive_rate.tolist(),
            "efficiency": self.efficiency.tolist(),
            "area": self.area,
            "area_error": self.area_error,
        }


def roc_curve(
    signal: str,
    curve: RateCurve,
    *,
    words: NDArray[np.int64],
    group: NDArray[Any],
    zero_bias_words: NDArray[np.int64],
    zero_bias: WeightedSample,
    crossing_rate_khz: float,
) -> RocCurve:
    """Efficiency of a signal at the thresholds of a rate curve.

    Parameters
    ----------
    signal : str
        Name of the process.
    curve : RateCurve
        Zero-bias rate of the score.
    words : ndarray of int64, shape (n_signal,)
        Score words of the signal, equally weighted.
    group : ndarray, shape (n_signal,)
        The generated collision of each.
    zero_bias_words : ndarray of int64, shape (n,)
        Score words of the zero bias that made `curve`, for the area.
    zero_bias : WeightedSample
        Its weights and draws.
    crossing_rate_khz : float
        Rate of all crossings.
    """
    ordered = np.sort(words)
    below = np.searchsorted(ordered, curve.thresholds, side="left")
    area = area_under_curve(words, zero_bias_words, zero_bias.weight)
    error = area_error(words, WeightedSample.from_arrays(np.ones(words.size), group), zero_bias_words, zero_bias)
    return RocCurve(signal, curve, crossing_rate_khz, 1.0 - below / ordered.size, area, error)


def area_under_curve(signal: NDArray[np.int64], background: NDArray[np.int64], background_weight: NDArray[np.float64]) -> float:
    """Probability that a signal word exceeds a background word; ties count one half.

    Examples
    --------
    >>> area_under_curve(np.array([3, 5]), np.array([1, 3]), np.array([1.0, 3.0]))
    0.8125
    """
    return float(np.mean(_share_below(signal, background, background_weight)))


def area_error(
    signal: NDArray[np.int64],
    signal_sample: WeightedSample,
    background: NDArray[np.int64],
    background_sample: WeightedSample,
) -> float:
    """Standard deviation of `area_under_curve`.

    Parameters
    ----------
    signal, background : ndarray of int64, shapes (n,) and (m,)
        Score words.
    signal_sample, background_sample : WeightedSample
        Their weights and draws.

    Notes
    -----
    DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988) 837: the area is the mean over the signal of the share of the
    background below it, and over the background of the share of the signal above it; the variances of both means add up.  As in
    N. A. Obuchowski, Biometrics 53 (1997) 567, for clustered data, each variance is that between draws, here of weighted ones.
    """
    above = 1.0 - _share_below(background, signal, signal_sample.weight)
    below = _share_below(signal, background, background_sample.weight)
    return hypot(signal_sample.fraction(below).error, background_sample.fraction(above).error)


def _share_below(words: NDArray[np.int64], others: NDArray[np.int64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each of `words` the weighted share of `others` below it; ties count one half."""
    values, inverse = np.unique(others, return_inverse=True)
    cumulative = np.concatenate([[0.0], np.cumsum(np.bincount(inverse, weight))])
    below = cumulative[np.searchsorted(values, words, side="left")]
    up_to = cumulative[np.searchsorted(values, words, side="right")]
    return np.asarray((below + up_to) / (2.0 * cumulative[-1]))
