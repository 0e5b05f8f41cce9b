"""Signal efficiency against zero-bias rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.rates.rate_curve import RateCurve

__all__ = ["RocCurve", "area_under_curve", "roc_curve"]


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
    """

    signal: str
    curve: RateCurve
    crossing_rate_khz: float
    efficiency: NDArray[np.float64]
    area: float

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
        }


def roc_curve(
    signal: str,
    curve: RateCurve,
    *,
    words: NDArray[np.int64],
    zero_bias_words: NDArray[np.int64],
    zero_bias_weight: NDArray[np.float64],
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
    zero_bias_words, zero_bias_weight : ndarray, shape (n,)
        Score words and weights of the zero bias that made `curve`, for the area.
    crossing_rate_khz : float
        Rate of all crossings.
    """
    ordered = np.sort(words)
    below = np.searchsorted(ordered, curve.thresholds, side="left")
    area = area_under_curve(words, zero_bias_words, zero_bias_weight)
    return RocCurve(signal, curve, crossing_rate_khz, 1.0 - below / ordered.size, area)


def area_under_curve(signal: NDArray[np.int64], background: NDArray[np.int64], background_weight: NDArray[np.float64]) -> float:
    """Probability that a signal word exceeds a background word; ties count one half.

    Examples
    --------
    >>> area_under_curve(np.array([3, 5]), np.array([1, 3]), np.array([1.0, 3.0]))
    0.8125
    """
    words, inverse = np.unique(background, return_inverse=True)
    weight = np.bincount(inverse, background_weight)
    cumulative = np.concatenate([[0.0], np.cumsum(weight)])
    below = cumulative[np.searchsorted(words, signal, side="left")]
    up_to = cumulative[np.searchsorted(words, signal, side="right")]
    return float(np.mean(below + up_to) / (2.0 * cumulative[-1]))
