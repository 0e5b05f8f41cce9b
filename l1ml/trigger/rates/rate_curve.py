"""Rate as a function of one threshold, with an error at every point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.rates.sample import WeightedFraction, WeightedSample

__all__ = ["RateCurve", "rate_curve"]

_N_POINTS = 80


@dataclass(frozen=True, eq=False, slots=True)
class RateCurve:
    """Zero-bias rate of ``word >= threshold`` for falling rate.

    Parameters
    ----------
    quantity : str
        What is cut on, as an axis label without its unit.
    unit : str
        Unit of `physical`, empty for a pure number.
    thresholds : ndarray of int64, shape (k,)
        Threshold words, rising.
    physical : ndarray of float64, shape (k,)
        The same in `unit`.
    rate_khz, error_khz : ndarray of float64, shape (k,)
        Rate and its standard deviation; the points share crossings, so their errors are correlated.
    n_events : ndarray of int64, shape (k,)
        Raw crossings behind each point, at least one.
    """

    quantity: str
    unit: str
    thresholds: NDArray[np.int64]
    physical: NDArray[np.float64]
    rate_khz: NDArray[np.float64]
    error_khz: NDArray[np.float64]
    n_events: NDArray[np.int64]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "quantity": self.quantity,
            "unit": self.unit,
            "threshold": self.thresholds.tolist(),
            "threshold_physical": self.physical.tolist(),
            "rate_khz": self.rate_khz.tolist(),
            "rate_error_khz": self.error_khz.tolist(),
            "n_events": self.n_events.tolist(),
        }


def rate_curve(
    quantity: str,
    words: NDArray[np.int64],
    sample: WeightedSample,
    crossing_rate_khz: float,
    *,
    lsb: float = 1.0,
    offset: int = 0,
    unit: str = "",
) -> RateCurve:
    """Rate of ``word >= threshold`` at up to 80 thresholds, evenly spread in the logarithm of the rate.

    Parameters
    ----------
    quantity : str
        What is cut on.
    words : ndarray of int64, shape (n,)
        Its word in each zero-bias crossing.
    sample : WeightedSample
        Weights of the crossings.
    crossing_rate_khz : float
        Rate of all crossings.
    lsb, offset, unit : float, int, str
        ``physical = (word - offset) lsb`` in `unit`.
    """
    thresholds = _grid(words, sample.weight)
    fractions = [sample.fraction(words >= threshold) for threshold in thresholds]
    return RateCurve(
        quantity,
        unit,
        thresholds,
        (thresholds - offset) * np.float64(lsb),
        crossing_rate_khz * _column(fractions, "value"),
        crossing_rate_khz * _column(fractions, "error"),
        _column(fractions, "n_events").astype(np.int64),
    )


def _column(fractions: list[WeightedFraction], name: str) -> NDArray[np.float64]:
    return np.array([getattr(fraction, name) for fraction in fractions], dtype=np.float64)


def _grid(words: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Words that occur with weight, thinned so that neighbours differ by about the same factor in rate."""
    seen, inverse = np.unique(words[weights > 0], return_inverse=True)
    survival = np.cumsum(np.bincount(inverse, weights[weights > 0])[::-1])[::-1]
    wanted = np.geomspace(survival[0], survival[-1], _N_POINTS)
    picked = np.searchsorted(-survival, -wanted).clip(0, seen.size - 1)
    return np.asarray(seen[np.unique([0, *picked, seen.size - 1])], dtype=np.int64)
