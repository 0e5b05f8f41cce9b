"""Sums over a whole sample, and fractions of it with an error."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt
from typing import Self

import numpy as np

from l1ml.trigger.rates.draw_sums import DrawSums
from l1ml.trigger.rates.draws import Draws
from l1ml.trigger.rates.intervals import poisson_upper_limit
from l1ml.trigger.rates.weighted_fraction import WeightedFraction

__all__ = ["SampleSums", "variance"]

_ROUNDING = 1e-12
"""A variance below this part of its terms is what rounding leaves of zero."""

_SAME = 1e-9
"""Draws whose weights differ by less weigh the same."""


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

    n_crossings: int
    n_draws: int
    weight: float
    squares: float

    @classmethod
    def of(cls, draws: Draws) -> Self:
        """Sums over `draws`."""
        weights = draws.draw_weight
        return cls(draws.n, int(weights.size), float(weights.sum()), float(np.square(weights).sum()))

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
        lighter = near is not None and float(passing.largest[index]) / self.weight < unit * (1.0 - _SAME)
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
