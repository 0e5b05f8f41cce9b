"""A weighted sample of crossings, and fractions of it with an error that knows about copies."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l1ml.data.events import Events
from l1ml.errors import DataError
from l1ml.trigger.intervals import poisson_upper_limit

__all__ = ["WeightedFraction", "WeightedSample"]


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
        _check_weights(weights)
        labels, draw = np.unique(np.asarray(group), return_inverse=True)
        if labels.size < 2:
            msg = (
                f"received {weights.size} crossings of {labels.size} generated collision(s): "
                "a statistical error needs at least two; generate more events"
            )
            raise DataError(msg)
        return cls(weights, draw.astype(np.int64), _sums(draw, weights, labels.size))

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
        probability = np.asarray(passed, dtype=np.float64)
        rows = np.flatnonzero(probability)
        if rows.size == 0:
            return self._nothing(near)
        passing = _sums(self.draw[rows], self.weight[rows] * probability[rows], self.n_draws)
        value = float(passing.sum()) / self.total
        spread, unseen = self._error(passing, value), self._unseen(passing, near)
        return WeightedFraction(
            value=value,
            error=hypot(spread, poisson_upper_limit() * unseen),
            upper_95=value + hypot(1.645 * spread, poisson_upper_limit(0.95, central=False) * unseen),
            n_events=int(rows.size),
            n_groups=int(np.unique(self.draw[rows]).size),
            n_effective=_effective(passing),
            is_upper_limit=False,
        )

    def _error(self, passing: NDArray[np.float64], value: float) -> float:
        """Standard deviation of the fraction `value`, whose passing weight in each draw is `passing`."""
        residual = passing - value * self.draw_weight
        correction = self.n_draws / (self.n_draws - 1)
        return float(np.sqrt(correction * np.square(residual).sum())) / self.total

    def _unseen(self, passing: NDArray[np.float64], near: NDArray[np.bool_] | None) -> float:
        """Share of a typical draw of `near` when every passing draw is lighter, else 0."""
        if near is None:
            return 0.0
        unit = self._typical_draw(near)
        return unit if float(passing.max()) / self.total < unit else 0.0

    def _typical_draw(self, near: NDArray[np.bool_] | None) -> float:
        """Share of all weight that an average unit of the weight of `near` has beside it in its draw.

        This is the scale of the scaled Poisson distribution of Bohm and Zech, NIM A 748 (2014) 1.
        """
        weights = self.draw_weight
        if near is not None and near.any():
            weights = _sums(self.draw[near], self.weight[near], self.n_draws)
        return float(np.square(weights).sum()) / float(weights.sum()) / self.total

    def _nothing(self, near: NDArray[np.bool_] | None) -> WeightedFraction:
        unit = self._typical_draw(near)
        return WeightedFraction(
            value=0.0,
            error=poisson_upper_limit() * unit,
            upper_95=poisson_upper_limit(0.95, central=False) * unit,
            n_events=0,
            n_groups=0,
            n_effective=0.0,
            is_upper_limit=True,
        )


def _sums(index: NDArray[Any], values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Sum of the `values` of each index below `n`."""
    return np.bincount(index, values, minlength=n).astype(np.float64, copy=False)


def _effective(weights: NDArray[np.float64]) -> float:
    squares = float(np.square(weights).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def _check_weights(weights: NDArray[np.float64]) -> None:
    if weights.size == 0:
        msg = "received no crossings; generate events with `l1ml data generate`"
        raise DataError(msg)
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum() > 0:
        msg = (
            f"weights must be finite, not negative and not all zero; received values from {weights.min()!r} to {weights.max()!r}"
        )
        raise DataError(msg)
