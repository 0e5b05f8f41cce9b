"""Background of a selection by two scores, from the crossings that fail one of them or both: the ABCD method.

A passes both thresholds, B the first alone, C the second alone, D neither. Where the scores are independent in the background,
N_A = N_B N_C / N_D; how far that holds is the closure, N_A N_D / (N_B N_C). Offline the counts are those of a sample, at the
trigger those of four seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.rates.sample import WeightedSample
from l1ml.trigger.thresholds import threshold_at_rate

__all__ = ["EFFICIENCIES", "Abcd", "abcd", "abcd_at", "abcd_of_counters", "closure_pulls", "closure_table", "contaminated"]

EFFICIENCIES = (0.005, 0.01, 0.02, 0.03, 0.05)
"""Background efficiencies of the closure test."""

_REGIONS = "ABCD"


@dataclass(frozen=True, slots=True)
class Abcd:
    """Weighted crossings of each region and what follows from them.

    Parameters
    ----------
    thresholds : tuple of int, optional
        Score words at and above which a crossing passes; counters know none.
    counts : tuple of float
        Sums of weights in A, B, C and D.
    crossings : tuple of int
        Crossings in A, B, C and D.
    estimate, estimate_error : float
        Of the sum of weights in A, from the other three.
    closure, closure_error : float
        N_A N_D / (N_B N_C).
    """

    thresholds: tuple[int, int] | None
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
    region = _region(one, other, thresholds)
    counts = np.bincount(region, sample.weight, minlength=4)
    crossings = np.bincount(region, minlength=4)
    return _abcd(thresholds, counts, crossings, lambda slopes: _relative_error(sample, region, slopes))


def abcd_of_counters(counts: Sequence[int], prescales: Sequence[int] = (1, 1, 1, 1)) -> Abcd:
    """Estimate and closure from what four counters of a trigger read, of the regions A, B, C and D.

    Parameters
    ----------
    counts : sequence of int
        Of different crossings each; errors are those of Poisson counts.
    prescales : sequence of int
        Each counter saw one in so many crossings of its region.

    Raises
    ------
    ConfigError
        If there are not four of each, or a prescale is below 1.
    DataError
        If a count is negative, or zero: nothing follows from it then.

    Examples
    --------
    >>> found = abcd_of_counters([25, 100, 100, 4], [1, 1, 1, 100])
    >>> found.estimate, found.closure
    (25.0, 1.0)
    """
    if len(counts) != 4 or len(prescales) != 4 or min(prescales) < 1:
        msg = f"four counts and four prescales of 1 or more are needed, received {list(counts)} and {list(prescales)}"
        raise ConfigError(msg)
    if min(counts) < 0:
        msg = f"a counter counts from 0, received {list(counts)}"
        raise DataError(msg)
    crossings, factors = np.array(counts, np.int64), np.array(prescales, np.int64)
    error = np.sqrt(crossings) * factors
    return _abcd(None, crossings * factors, crossings, lambda slopes: float(np.linalg.norm(slopes * error)))


def _abcd(
    thresholds: tuple[int, int] | None,
    counts: NDArray[Any],
    crossings: NDArray[np.int64],
    relative_error: Callable[[NDArray[np.float64]], float],
) -> Abcd:
    """What follows from counts; `relative_error` is that of a product of them, by the derivatives of its logarithm."""
    if not counts.all():
        empty = ", ".join(name for name, count in zip(_REGIONS, counts, strict=True) if not count)
        where = "" if thresholds is None else f"at the thresholds {thresholds} "
        msg = f"{where}no crossing is in region {empty}: give more crossings or other thresholds"
        raise DataError(msg)
    a, b, c, d = (float(count) for count in counts)
    return Abcd(
        thresholds,
        (a, b, c, d),
        tuple(int(number) for number in crossings),
        b * c / d,
        b * c / d * relative_error(np.array([0, 1 / b, 1 / c, -1 / d])),
        a * d / (b * c),
        a * d / (b * c) * relative_error(np.array([1 / a, -1 / b, -1 / c, 1 / d])),
    )


def contaminated(found: Abcd, one: NDArray[np.int64], other: NDArray[np.int64], fraction: float) -> float:
    """Factor by which the estimate of the background grows where signal hides among it, in all four regions.

    Parameters
    ----------
    found : Abcd
        Of the background, at thresholds.
    one, other : ndarray of int64, shape (n,)
        Score words of the signal, equally weighted.
    fraction : float
        Signal crossings for each background crossing, 0 or more.

    Examples
    --------
    >>> words = np.array([0, 0, 1, 1])
    >>> sample = WeightedSample.from_arrays(np.ones(4), np.arange(4))
    >>> found = abcd(words, np.array([0, 1, 0, 1]), sample, (1, 1))
    >>> contaminated(found, np.array([1]), np.array([0]), 0.5)
    3.0
    """
    if found.thresholds is None or one.shape != other.shape or not one.size or not fraction >= 0:
        received = f"{found.thresholds}, shapes {one.shape} and {other.shape}, {fraction}"
        msg = f"thresholds, two scores of each signal crossing and a share of 0 or more are needed, received {received}"
        raise DataError(msg)
    added = np.bincount(_region(one, other, found.thresholds), minlength=4) / one.size * fraction * sum(found.counts)
    _, b, c, d = np.array(found.counts) + added
    return float(b * c / d / found.estimate)


def closure_pulls(found: Abcd, one: NDArray[np.int64], other: NDArray[np.int64], sample: WeightedSample) -> NDArray[np.float64]:
    """What each crossing (n,) adds to the closure `found`, to first order: its weight times the derivative by its count."""
    a, b, c, d = found.counts
    slopes = found.closure * np.array([1 / a, -1 / b, -1 / c, 1 / d])
    first, second = found.thresholds or (0, 0)
    return np.asarray(sample.weight * slopes[_region(one, other, (first, second))])


def _region(one: NDArray[np.int64], other: NDArray[np.int64], thresholds: tuple[int, int]) -> NDArray[np.int64]:
    """0 (A) for a crossing that passes both, 1 (B) the first alone, 2 (C) the second alone, 3 (D) neither."""
    region: NDArray[np.int64] = 2 * (one < thresholds[0]) + (other < thresholds[1])
    return region


def _relative_error(sample: WeightedSample, region: NDArray[np.int64], slopes: NDArray[np.float64]) -> float:
    """Error of a product of counts relative to it; `slopes` are the derivatives of its logarithm by each count."""
    pulls = np.bincount(sample.draw, sample.weight * slopes[region], minlength=sample.n_draws)
    return sqrt(float(np.square(pulls).sum()))


def closure_table(
    one: NDArray[np.int64], other: NDArray[np.int64], sample: WeightedSample, efficiencies: Sequence[float] = EFFICIENCIES
) -> list[Abcd]:
    """`abcd_at` each of `efficiencies`; raises as it does."""
    return [abcd_at(one, other, sample, efficiency) for efficiency in efficiencies]


def abcd_at(one: NDArray[np.int64], other: NDArray[np.int64], sample: WeightedSample, efficiency: float) -> Abcd:
    """`abcd` at the thresholds that each pass sqrt(efficiency) of the background: independent scores leave `efficiency` in A.

    Words repeat, so that a threshold passes at most the share asked for; `Abcd.efficiency` is what A really holds.

    Raises
    ------
    ConfigError
        If the efficiency is not between 0 and 1.
    DataError
        As `abcd`.
    """
    if not 0 < efficiency < 1:
        msg = f"a background efficiency lies between 0 and 1, received {efficiency}"
        raise ConfigError(msg)
    first, second = (threshold_at_rate(words, sample.weight, sqrt(efficiency), 1.0) for words in (one, other))
    return abcd(one, other, sample, (first, second))
