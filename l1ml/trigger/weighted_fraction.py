"""Fractions of a weighted sample, from sums over its draws that any number of batches can add to."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt
from typing import Self

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.draws import Draws
from l1ml.trigger.intervals import poisson_upper_limit

__all__ = ["DrawSums", "SampleSums", "WeightedFraction", "variance"]

_ROUNDING = 1e-12
"""A variance below this part of its terms is what rounding leaves of zero."""


@dataclass(frozen=True, slots=True)
class WeightedFraction:
    """A weighted fraction of crossings and what stands behind it.

    Parameters
    ----------
    value : float
        ``sum(w pass) / sum(w)``.
    error : float
        One standard deviation; where `is_upper_limit`, the 68.27 % upper limit instead.
    upper_95 : float
        One-sided 95 % upper limit.
    n_events : int
        Raw crossings that pass.
    n_groups : int
        Different generated collisions among them: the independent draws.
    n_effective : float
        ``(sum_g W_g)^2 / sum_g W_g^2`` over passing draws, `W_g` the passing weight of one draw.
    is_upper_limit : bool
        True when nothing passes.
    """

    value: float
    error: float
    upper_95: float
    n_events: int
    n_groups: int
    n_effective: float
    is_upper_limit: bool


@dataclass(frozen=True, eq=False, slots=True)
class DrawSums:
    """Sums over draws of `k` quantities ``X_g = sum_{i in g} w_i p_i``, p the probability that a crossing passes.

    Parameters
    ----------
    total, squares, cross : ndarray of float64, shape (k,)
        ``sum_g X_g``, ``sum_g X_g^2`` and ``sum_g W_g X_g`` with the weight `W_g` of the whole draw.
    largest : ndarray of float64, shape (k,)
        Largest ``X_g``, 0 where there is none.
    n_events, n_groups : ndarray of int64, shape (k,)
        Crossings with a probability, and the draws that hold them.
    """

    total: NDArray[np.float64]
    squares: NDArray[np.float64]
    cross: NDArray[np.float64]
    largest: NDArray[np.float64]
    n_events: NDArray[np.int64]
    n_groups: NDArray[np.int64]

    @classmethod
    def zeros(cls, k: int) -> Self:
        """Sums over nothing."""
        return cls(*(np.zeros(k) for _ in range(4)), *(np.zeros(k, dtype=np.int64) for _ in range(2)))

    @classmethod
    def of_entries(
        cls, column: NDArray[np.intp], row: NDArray[np.intp], probability: NDArray[np.float64], draws: Draws, k: int
    ) -> Self:
        """Sums of those `probability` (e,) that are not zero: of the quantity `column` (e,) in the crossing `row` (e,)."""
        n_events = np.bincount(column, minlength=k)
        values = probability if draws.has_unit_weights else probability * draws.weight[row]
        draw = draws.draw[row]
        if not draws.are_single:
            keys, values = _merged(draw * k + column, values, k * draws.draw_weight.size)
            draw, column = keys // k, keys % k
        total = _column_sums(column, values, k)
        plain = draws.are_single and draws.has_unit_weights
        cross = total if plain else _column_sums(column, values * draws.draw_weight[draw], k)
        largest = np.zeros(k)
        np.maximum.at(largest, column, values)
        n_groups = np.bincount(column, minlength=k)
        return cls(total, _column_sums(column, np.square(values), k), cross, largest, n_events, n_groups)

    @classmethod
    def of_rows(cls, probability: NDArray[np.float64], draws: Draws) -> Self:
        """Sums of quantities with a `probability` (k, n) in every crossing."""
        column, row = np.nonzero(probability)
        return cls.of_entries(column, row, probability[column, row], draws, len(probability))

    def __add__(self, other: DrawSums) -> DrawSums:
        """Sums over both; no draw may be in both."""
        return DrawSums(
            self.total + other.total,
            self.squares + other.squares,
            self.cross + other.cross,
            np.maximum(self.largest, other.largest),
            self.n_events + other.n_events,
            self.n_groups + other.n_groups,
        )


@dataclass(frozen=True, slots=True)
class SampleSums:
    """Sums over all draws of a sample, passing or not.

    Parameters
    ----------
    n_crossings, n_draws : int
        How many there are.
    weight, squares : float
        ``sum_g W_g`` and ``sum_g W_g^2``.
    """

    n_crossings: int = 0
    n_draws: int = 0
    weight: float = 0.0
    squares: float = 0.0

    @classmethod
    def of(cls, draws: Draws) -> Self:
        """Sums over `draws`."""
        weights = draws.draw_weight
        return cls(draws.n, int(weights.size), float(weights.sum()), float(np.square(weights).sum()))

    def __add__(self, other: SampleSums) -> SampleSums:
        """Sums over both samples; no draw may be in both."""
        return SampleSums(
            self.n_crossings + other.n_crossings,
            self.n_draws + other.n_draws,
            self.weight + other.weight,
            self.squares + other.squares,
        )

    def fraction(self, passing: DrawSums, index: int, near: DrawSums | None = None) -> WeightedFraction:
        """Fraction of the weight in the quantity `index` of `passing`.

        Parameters
        ----------
        passing : DrawSums
            Sums of the crossings that pass.
        index : int
            Which of its quantities.
        near : DrawSums, optional
            A selection that the passing crossings are part of, with the same `index`; see `WeightedSample.fraction`.
        """
        unit = self._typical_draw(near, index)
        if not passing.n_events[index]:
            limit, limit_95 = poisson_upper_limit() * unit, poisson_upper_limit(0.95, central=False) * unit
            return WeightedFraction(0.0, limit, limit_95, 0, 0, 0.0, is_upper_limit=True)
        value, spread = float(passing.total[index]) / self.weight, self.spread(passing, index)
        lighter = near is not None and float(passing.largest[index]) / self.weight < unit
        unseen = unit if lighter else 0.0
        squares = float(passing.squares[index])
        return WeightedFraction(
            value=value,
            error=hypot(spread, poisson_upper_limit() * unseen),
            upper_95=value + hypot(1.645 * spread, poisson_upper_limit(0.95, central=False) * unseen),
            n_events=int(passing.n_events[index]),
            n_groups=int(passing.n_groups[index]),
            n_effective=float(passing.total[index]) ** 2 / squares if squares > 0 else 0.0,
            is_upper_limit=False,
        )

    def spread(self, passing: DrawSums, index: int) -> float:
        """Standard deviation of the fraction `index` of `passing`; see `variance`."""
        return sqrt(variance(self, passing.total[index], passing.squares[index], passing.cross[index]))

    def _typical_draw(self, near: DrawSums | None, index: int) -> float:
        """Share of all weight that an average unit of the weight of `near` has beside it in its draw.

        This is the scale of the scaled Poisson distribution of Bohm and Zech, NIM A 748 (2014) 1.
        """
        if near is not None and near.total[index] > 0:
            return float(near.squares[index]) / float(near.total[index]) / self.weight
        return self.squares / self.weight / self.weight


def variance(whole: SampleSums, total: float, squares: float, cross: float) -> float:
    """Variance of the fraction ``total / whole.weight``, whose sums over draws are `squares` and `cross`.

    ``G / (G - 1) sum_g (X_g - r W_g)^2 / W^2`` (see `WeightedSample`), multiplied out so that batches can add to its sums; what
    is within rounding of zero is zero.
    """
    value = total / whole.weight
    terms = squares + value**2 * whole.squares
    rest = terms - 2.0 * value * cross
    if rest <= _ROUNDING * terms:
        return 0.0
    return float(rest) * whole.n_draws / (whole.n_draws - 1) / whole.weight**2


def _column_sums(column: NDArray[np.intp], values: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    return np.bincount(column, values, minlength=k).astype(np.float64, copy=False)


def _merged(keys: NDArray[np.intp], values: NDArray[np.float64], size: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Each of the `keys` (e,), all below `size`, once, with the sum of its `values`."""
    if size > 8 * keys.size:  # sorting is cheaper than an array of mostly nothing
        found, inverse = np.unique(keys, return_inverse=True)
        return found, _column_sums(inverse, values, found.size)
    found = np.flatnonzero(np.bincount(keys, minlength=size))
    return found, _column_sums(keys, values, size)[found]
