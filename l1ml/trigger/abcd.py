"""Background of a selection by two scores, from the crossings that fail one of them or both: the ABCD method.

A passes both thresholds, B the first alone, C the second alone, D neither. Where the scores are independent in the background,
N_A = N_B N_C / N_D; how far that holds is the closure, N_A N_D / (N_B N_C).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.rates.sample import WeightedSample
from l1ml.trigger.thresholds import threshold_at_rate

__all__ = ["EFFICIENCIES", "Abcd", "abcd", "closure_table"]

EFFICIENCIES = (0.005, 0.01, 0.02, 0.03, 0.05)
"""Background efficiencies of the closure test."""

_REGIONS = "ABCD"


@dataclass(frozen=True, slots=True)
class Abcd:
    """Weighted crossings of each region and what follows from them.

    Parameters
    ----------
    thresholds : tuple of int
        Score words at and above which a crossing passes.
    counts : tuple of float
        Sums of weights in A, B, C and D.
    crossings : tuple of int
        Crossings in A, B, C and D.
    estimate, estimate_error : float
        Of the sum of weights in A, from the other three.
    closure, closure_error : float
        N_A N_D / (N_B N_C).
    """

    thresholds: tuple[int, int]
    counts: tuple[float, ...]
    crossings: tuple[int, ...]
    estimate: float
    estimate_error: float
    closure: float
    closure_error: float

    @property
    def efficiency(self) -> float:
        """Share of the weight in A."""
        return self.counts[0] / sum(self.counts)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "efficiency": self.efficiency}


def abcd(one: NDArray[np.int64], other: NDArray[np.int64], sample: WeightedSample, thresholds: tuple[int, int]) -> Abcd:
    """Counts, estimate and closure of two scores of background crossings at a pair of thresholds.

    Errors are those of counts propagated to first order; copies of one collision count as one draw of their weight, so that for
    crossings of different collisions the variance of a count is the sum of the squared weights.

    Parameters
    ----------
    one, other : ndarray of int64, shape (n,)
        Score words.
    sample : WeightedSample
        Weights of the crossings and the collision each came from.
    thresholds : tuple of int
        Of `one` and of `other`.

    Raises
    ------
    DataError
        If the shapes differ, or a region is empty: nothing follows from it then.

    Examples
    --------
    >>> words = np.array([0, 0, 1, 1])
    >>> sample = WeightedSample.from_arrays(np.ones(4), np.arange(4))
    >>> found = abcd(words, np.array([0, 1, 0, 1]), sample, (1, 1))
    >>> found.closure, found.closure_error
    (1.0, 2.0)
    """
    if not one.shape == other.shape == sample.weight.shape:
        msg = f"each crossing needs two scores and a weight, received shapes {one.shape}, {other.shape}, {sample.weight.shape}"
        raise DataError(msg)
    region = 2 * (one < thresholds[0]) + (other < thresholds[1])
    # of A, B, C, D: 0 passes both, 1 the first alone, 2 the second alone, 3 neither
    counts = np.bincount(region, sample.weight, minlength=4)
    crossings = np.bincount(region, minlength=4)
    if not counts.all():
        empty = ", ".join(name for name, count in zip(_REGIONS, counts, strict=True) if not count)
        msg = f"at the thresholds {thresholds} no crossing is in region {empty}: give more crossings or other thresholds"
        raise DataError(msg)
    a, b, c, d = (float(count) for count in counts)
    return Abcd(
        thresholds,
        (a, b, c, d),
        tuple(int(number) for number in crossings),
        b * c / d,
        b * c / d * _relative_error(sample, region, np.array([0, 1 / b, 1 / c, -1 / d])),
        a * d / (b * c),
        a * d / (b * c) * _relative_error(sample, region, np.array([1 / a, -1 / b, -1 / c, 1 / d])),
    )


def _relative_error(sample: WeightedSample, region: NDArray[np.int64], slopes: NDArray[np.float64]) -> float:
    """Error of a product of counts relative to it; `slopes` are the derivatives of its logarithm by each count."""
    pulls = np.bincount(sample.draw, sample.weight * slopes[region], minlength=sample.n_draws)
    return sqrt(float(np.square(pulls).sum()))


def closure_table(
    one: NDArray[np.int64], other: NDArray[np.int64], sample: WeightedSample, efficiencies: Sequence[float] = EFFICIENCIES
) -> list[Abcd]:
    """Closure at the thresholds that each pass sqrt(efficiency) of the background: independent scores leave `efficiency` in A.

    Words repeat, so that a threshold passes at most the share asked for; `Abcd.efficiency` is what A really holds.

    Raises
    ------
    ConfigError
        If an efficiency is not between 0 and 1.
    DataError
        As `abcd`.
    """
    for efficiency in efficiencies:
        if not 0 < efficiency < 1:
            msg = f"a background efficiency lies between 0 and 1, received {efficiency}"
            raise ConfigError(msg)
    return [abcd(one, other, sample, _at(one, other, sample, sqrt(efficiency))) for efficiency in efficiencies]


def _at(one: NDArray[np.int64], other: NDArray[np.int64], sample: WeightedSample, share: float) -> tuple[int, int]:
    first, second = (threshold_at_rate(words, sample.weight, share, 1.0) for words in (one, other))
    return first, second
