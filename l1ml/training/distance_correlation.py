"""Distance correlation of two scores: zero if, and only if, they are independent; a loss that keeps them so.

Szekely, Rizzo and Bakirov, arXiv:0803.4101, definitions 3 to 5; with weights of crossings as in Kasieczka and Shih,
arXiv:2001.05310, eq. 5. Two autoencoders are decorrelated by it in arXiv:2111.06417.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from l1ml._optional import require
from l1ml.errors import ConfigError
from l1ml.training.dominance import before, before_in_both

__all__ = ["distance_correlation_squared"]

_STILL = 1e-9
"""Width of a score in units of its largest value at and below which it counts as the same for all crossings: such a score is
correlated with none, and has a gradient of zero."""

_TINY = 1e-12
"""Keeps the quotient finite there."""


def distance_correlation_squared(one: Any, other: Any, weight: Any) -> Any:
    """Squared distance correlation, in [0, 1], differentiable in both scores; weights are constants.

    No distance is ever made: sums over all pairs follow from sums over the crossings that come before each one, see `_Pairs`.
    Time is of the order of n log(n)^2 and memory of n log(n), where the plain formula takes n^2 of both.

    Parameters
    ----------
    one, other : tensor, shape (n,)
        Scores; n is known when the graph is built.
    weight : tensor, shape (n,)
        Natural weights, not negative, of any sum but zero.

    Raises
    ------
    ConfigError
        If n is not known, or the shapes differ.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(5, dtype=np.float32)
    >>> round(float(distance_correlation_squared(x, 3 * x + 1, np.ones(5, np.float32))), 4)
    1.0
    """
    ops = require("keras").ops
    shapes = [tuple(item.shape) for item in (one, other, weight)]
    if len(set(shapes)) != 1 or len(shapes[0]) != 1 or shapes[0][0] is None:
        msg = f"two scores and weights of one known length are needed, received the shapes {shapes}; drop the last, smaller batch"
        raise ConfigError(msg)
    # sums of products of coordinates nearly cancel where distances are small
    wide = [ops.cast(item, "float64") for item in (one, other, weight)]
    share = ops.stop_gradient(wide[2] / ops.sum(wide[2]))
    covariance = _covariance(share)
    x, y = (_standardised(item, share) for item in wide[:2])
    product = covariance(x, x) * covariance(y, y)
    return ops.cast(covariance(x, y) / ops.sqrt(product + _TINY), one.dtype)


def _standardised(score: Any, share: Any) -> Any:
    """`score` in units of its standard deviation, which changes no correlation and keeps sums from over- and underflow."""
    ops = require("keras").ops
    centred = score - ops.stop_gradient(ops.sum(share * score))
    width = ops.sqrt(ops.sum(share * ops.square(centred)))
    # the width of a score that is the same for all crossings is what rounding leaves of it
    is_still = width <= _STILL * ops.max(ops.abs(score))
    return centred * ops.stop_gradient(ops.where(is_still, 0.0, 1.0 / ops.where(is_still, 1.0, width)))


def _covariance(share: Any) -> Callable[[Any, Any], Any]:
    """Function that gives the squared distance covariance of two scores whose crossings have the shares `share` of the weight.

    With a_ij the distances of one score, a_i and a their weighted means, A_ij = a_ij - a_i - a_j + a, and b likewise:
    the covariance is the mean of a_ij b_ij, plus a b, minus twice the mean of a_i b_i. Its derivative with respect to the score
    x_k behind a is 2 w_k times the sum over j of w_j sign(x_k - x_j) B_kj.
    """
    ops = require("keras").ops

    def covariance(x: Any, y: Any) -> Any:
        pairs = _Pairs.of(x, y, share)
        a, b = pairs.means()
        value = ops.sum(share * (pairs.product() - 2.0 * a * b)) + ops.sum(share * a) * ops.sum(share * b)

        def gradient(*arguments: Any, upstream: Any = None) -> tuple[Any, ...]:
            above = arguments[-1] if upstream is None else upstream
            # equal scores pull neither way: the mean of both orders in which they can stand
            back = [ops.flip(item) for item in (x, y, share)]
            orders = zip(pairs.slopes(), _Pairs.of(*back).slopes(), strict=True)
            return tuple(above * share * (slope + ops.flip(reverse)) for slope, reverse in orders)

        return value, gradient

    found: Callable[[Any, Any], Any] = ops.custom_gradient(covariance)
    return found


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Weighted sums over all partners j of each crossing i, by the sums over those that come before it.

    |x_i - x_j| is s_ij (x_i - x_j), where s_ij is 1 if j comes before i in the order of x, else -1; t_ij likewise for y. A sum of
    s_ij f_j is twice that over the crossings before i, less the total; one of s_ij t_ij f_j is four times that over those before
    i in both orders, less twice that over those before it in each, plus the total.

    Parameters
    ----------
    x, y, share : tensor, shape (n,)
        Scores, and weights of sum one.
    by_x, by_y : tensor of int, shape (n,)
        Orders of the scores.
    corners : sequence of tensor, shape (n,)
        Sums over j of s_ij t_ij times w_j, w_j x_j, w_j y_j, w_j x_j y_j.
    """

    x: Any
    y: Any
    share: Any
    by_x: Any
    by_y: Any
    corners: Any

    @classmethod
    def of(cls, x: Any, y: Any, share: Any) -> _Pairs:
        """Sort and sum."""
        ops = require("keras").ops
        by_x, by_y = ops.argsort(x), ops.argsort(y)
        values = ops.stack([share, share * x, share * y, share * x * y], axis=1)
        each = before(values, by_x) + before(values, by_y)
        corners = 4.0 * before_in_both(values, by_x, by_y) - 2.0 * each + ops.sum(values, axis=0)
        return cls(x, y, share, by_x, by_y, [corners[:, index] for index in range(4)])

    def product(self) -> Any:
        """Mean over j of |x_i - x_j| |y_i - y_j|."""
        one, of_x, of_y, of_both = self.corners
        return self.x * self.y * one - self.y * of_x - self.x * of_y + of_both

    def means(self) -> tuple[Any, Any]:
        """Means over j of |x_i - x_j| and of |y_i - y_j|."""
        scores = ((self.x, self.by_x), (self.y, self.by_y))
        a, b = (score * self._signed(None, order) - self._signed(score, order) for score, order in scores)
        return a, b

    def slopes(self) -> tuple[Any, Any]:
        """Means over j of sign(x_i - x_j) B_ij and of sign(y_i - y_j) A_ij."""
        one, of_x, of_y, _ = self.corners
        a, b = self.means()
        return self._slope(self.y * one - of_y, b, self.by_x), self._slope(self.x * one - of_x, a, self.by_y)

    def _slope(self, distances: Any, means: Any, order: Any) -> Any:
        """`distances` are the signed sums of the distances of the other score, `means` its plain ones."""
        total = require("keras").ops.sum(self.share * means)
        return distances + (total - means) * self._signed(None, order) - self._signed(means, order)

    def _signed(self, values: Any, order: Any) -> Any:
        """Sum over j of w_j `values`_j (1 without any), less those that come after i in `order`; i itself counts nothing."""
        ops = require("keras").ops
        weighted = self.share if values is None else self.share * values
        return 2.0 * before(weighted[:, None], order)[:, 0] + weighted - ops.sum(weighted)
