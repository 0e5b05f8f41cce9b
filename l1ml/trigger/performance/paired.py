"""Ratios of two rates or efficiencies whose crossings come from the same generated collisions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l1ml.trigger.performance.scored import ScoredSample
from l1ml.trigger.rates.intervals import poisson_upper_limit
from l1ml.trigger.rates.sample import WeightedSample

__all__ = ["PairedSamples", "Ratio"]

_ROUNDING = 1e-24
"""Relative variances below this are what rounding leaves of zero."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio and its standard deviation; both None where nothing passes in the denominator."""

    value: float | None
    error: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False, slots=True)
class PairedSamples:
    """Two samples and which draws they share.

    Parameters
    ----------
    first, second : WeightedSample
        The samples.
    first_draw, second_draw : ndarray of int64, shapes (n,) and (m,)
        Number of the generated collision of each crossing, counted over both samples.
    n_draws : int
        Different collisions in both.

    Notes
    -----
    With fractions a and b of the two samples the ratio ``R = a / b`` has, to first order, the variance

        G / (G - 1) * sum_g ( (X_g - a V_g) / (b V) - R (Y_g - b W_g) / (b W) )^2

    over the G draws, where X and Y are the passing weights of draw g in the two samples and V and W its whole weights; each
    difference is that of `WeightedSample`.  Of one sample looked at twice, what passes in both cancels; of samples
    without a common draw, it is the sum of both relative variances.  Where no crossing changes sides, the error is the 68.27 %
    limit on the share of those that would.
    """

    first: WeightedSample
    second: WeightedSample
    first_draw: NDArray[np.int64]
    second_draw: NDArray[np.int64]
    n_draws: int

    @classmethod
    def of(cls, first: ScoredSample, second: ScoredSample) -> Self:
        """Pair of samples that have a draw in common where their groups are equal."""
        labels, draw = np.unique(np.concatenate([first.group, second.group]), return_inverse=True)
        return cls(first.sample, second.sample, draw[: first.n], draw[first.n :], int(labels.size))

    def ratio(self, first_passes: ArrayLike, second_passes: ArrayLike) -> Ratio:
        """Fraction of the first sample that passes over that of the second.

        Parameters
        ----------
        first_passes, second_passes : array_like of bool or float, shapes (n,) and (m,)
            Whether, or with what probability, each crossing passes.
        """
        passes = [np.asarray(item, dtype=np.float64) for item in (first_passes, second_passes)]
        samples = (self.first, self.second)
        a, b = (float(item.weight @ mask) / item.total for item, mask in zip(samples, passes, strict=True))
        if not b > 0:
            return Ratio(None, None)
        if not a > 0:
            return Ratio(0.0, self.first.fraction(passes[0]).error / b)  # the 68.27 % limit of nothing seen
        draws = (self.first_draw, self.second_draw)
        up, down = (
            np.bincount(draw, item.weight * (mask - value), self.n_draws) / item.total
            for draw, item, mask, value in zip(draws, samples, passes, (a, b), strict=True)
        )
        ratio = a / b
        squares = float(np.square(up / b - ratio * down / b).sum())
        if ratio == 1.0 and squares <= _ROUNDING:
            return Ratio(1.0, min(1.0, poisson_upper_limit() / self.second.fraction(passes[1]).n_effective))
        return Ratio(ratio, sqrt(squares * self.n_draws / (self.n_draws - 1)))
