"""A weighted sample of crossings, and fractions of it with an error that knows about copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l1ml.data.events import Events
from l1ml.errors import DataError
from l1ml.trigger.rates.draw_sums import DrawSums
from l1ml.trigger.rates.draws import Draws, check_weights
from l1ml.trigger.rates.sample_sums import SampleSums
from l1ml.trigger.rates.weighted_fraction import WeightedFraction

__all__ = ["WeightedFraction", "WeightedSample"]


@dataclass(frozen=True, eq=False, slots=True)
class WeightedSample:
    """Weights of crossings and the generated collision each came from.

    Parameters
    ----------
    weight : ndarray of float64, shape (n,)
        Non-negative weights, any normalisation.
    draw : ndarray of int64, shape (n,)
        Index of the generated collision, from 0 to `n_draws` - 1.
    draw_weight : ndarray of float64, shape (n_draws,)
        Sum of the weights of the crossings of each draw.

    Notes
    -----
    With ``r = sum_i w_i p_i / sum_i w_i`` the variance is that of a ratio estimated from clusters
    (Cochran, Sampling Techniques, 3rd ed., eq. 11.30 by linearisation)::

        var(r) = G / (G - 1) * sum_g ( sum_{i in g} w_i (p_i - r) )^2 / ( sum_i w_i )^2

    where g runs over the G draws.  Copies of one generated collision are thus one draw, whatever
    their number; for rare, unweighted and uncopied crossings it is the Poisson ``sqrt(n) / N``.
    """

    weight: NDArray[np.float64]
    draw: NDArray[np.int64]
    draw_weight: NDArray[np.float64]

    @classmethod
    def from_arrays(cls, weight: ArrayLike, group: ArrayLike) -> Self:
        """Sample of crossings with `weight` (n,) that belong to `group` (n,), any labels.

        Raises
        ------
        DataError
            Weights that are negative, not finite or all zero; fewer than two groups.
        """
        weights = np.asarray(weight, dtype=np.float64)
        _check(weights)
        labels, draw = np.unique(np.asarray(group), return_inverse=True)
        if labels.size < 2:
            msg = (
                f"received {weights.size} crossings of {labels.size} generated collision(s): "
                "a statistical error needs at least two; generate more events"
            )
            raise DataError(msg)
        sums = np.bincount(draw, weights, minlength=labels.size).astype(np.float64, copy=False)
        return cls(weights, draw.astype(np.int64), sums)

    @classmethod
    def of(cls, events: Events) -> Self:
        """Sample of the weights and groups of `events`."""
        return cls.from_arrays(events.weight, events.group)

    @property
    def n_draws(self) -> int:
        """Number of different generated collisions."""
        return int(self.draw_weight.size)

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return float(self.draw_weight.sum())

    @property
    def n_effective(self) -> float:
        """Equivalent number of equally weighted, independent crossings."""
        return self.total**2 / float(np.square(self.draw_weight).sum())

    def fraction(self, passed: ArrayLike, near: NDArray[np.bool_] | None = None) -> WeightedFraction:
        """Weighted fraction of crossings that pass.

        Parameters
        ----------
        passed : array_like of bool or float, shape (n,)
            Whether, or with what probability (0 to 1), each crossing passes.
        near : ndarray of bool, shape (n,), optional
            A selection that the passing crossings are part of.  Its typical draw scales the upper limit when nothing
            passes, and is added to the error (in quadrature, as that limit) when only lighter draws pass: that no heavy
            one was seen does not show that there is none.
        """
        near_sums = None if near is None else self._sums(near)
        return SampleSums.of(self._draws).fraction(self._sums(passed), 0, near_sums)

    def _sums(self, passed: ArrayLike) -> DrawSums:
        """Sums over the draws of the crossings that pass with the probability `passed` (n,)."""
        probability = np.asarray(passed, dtype=np.float64)
        rows = np.flatnonzero(probability)
        per_draw = np.bincount(self.draw[rows], self.weight[rows] * probability[rows], minlength=self.n_draws)
        n_groups = np.unique(self.draw[rows]).size
        return DrawSums.of_draws(per_draw[None].astype(np.float64), self.draw_weight, np.array([rows.size]), np.array([n_groups]))

    @property
    def _draws(self) -> Draws:
        return Draws(self.weight, self.draw, self.draw_weight, are_single=False, has_unit_weights=False)


def _check(weights: NDArray[np.float64]) -> None:
    if weights.size == 0:
        msg = "received no crossings; generate events with `l1ml data generate`"
        raise DataError(msg)
    check_weights(weights)
    if not weights.sum() > 0:
        msg = f"weights must be finite, not negative and not all zero; received {weights.size} zeros"
        raise DataError(msg)
