"""Distance correlation of two scores: zero if, and only if, they are independent; a loss that keeps them so.

Szekely, Rizzo and Bakirov, arXiv:0803.4101, definitions 3 to 5; with weights of crossings as in Kasieczka and Shih,
arXiv:2001.05310, eq. 5. Two autoencoders are decorrelated by it in arXiv:2111.06417.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from l1ml._optional import require
from l1ml.errors import ConfigError

__all__ = ["distance_correlation_squared"]

_TINY = 1e-12
"""Added to the product of the two variances, of scores in units of their standard deviation: a score that is the same for all
crossings is correlated with none, and has a gradient of zero."""


def distance_correlation_squared(one: Any, other: Any, weight: Any, *, block: int = 512) -> Any:
    """Squared distance correlation, in [0, 1], differentiable in both scores; weights are constants.

    Distances are made for `block` crossings against all others at a time, and made again for the gradient: memory is of the order
    of n x block, where a plain formula takes n x n.

    Parameters
    ----------
    one, other : tensor, shape (n,)
        Scores; n is known when the graph is built.
    weight : tensor, shape (n,)
        Natural weights, not negative, of any sum but zero.
    block : int
        Crossings at a time.

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
    share = ops.stop_gradient(weight / ops.sum(weight))
    covariance = _covariance(share, block)
    one, other = (_standardised(item, share) for item in (one, other))
    product = covariance(one, one) * covariance(other, other)
    return covariance(one, other) / ops.sqrt(product + _TINY)


def _standardised(score: Any, share: Any) -> Any:
    """`score` in units of its standard deviation, which changes no correlation and keeps float32 from over- and underflow."""
    ops = require("keras").ops
    centred = score - ops.stop_gradient(ops.sum(share * score))
    width = ops.sqrt(ops.sum(share * ops.square(centred)))
    return centred / ops.stop_gradient(ops.maximum(width, 1e-30))


def _covariance(share: Any, block: int) -> Callable[[Any, Any], Any]:
    """Function that gives the squared distance covariance of two scores whose crossings have the shares `share` of the weight.

    With a_ij the distances of one score, a_i and a their weighted means, A_ij = a_ij - a_i - a_j + a, and b likewise:
    the covariance is the mean of a_ij b_ij, plus a b, minus twice the mean of a_i b_i. Its derivative with respect to the score
    x_k behind a is 2 w_k times the sum over j of w_j sign(x_k - x_j) B_kj.
    """
    ops = require("keras").ops

    def covariance(one: Any, other: Any) -> Any:
        rows = _Rows(one, other, share, block)
        first, second, product = rows.means()
        value = ops.sum(share * (product - 2.0 * first * second)) + ops.sum(share * first) * ops.sum(share * second)

        def gradient(*arguments: Any, upstream: Any = None) -> tuple[Any, ...]:
            above = arguments[-1] if upstream is None else upstream
            return tuple(2.0 * above * share * slope for slope in rows.slopes((first, second)))

        return value, gradient

    found: Callable[[Any, Any], Any] = ops.custom_gradient(covariance)
    return found


class _Rows:
    """Distances of all crossings from a block of them, block after block."""

    def __init__(self, one: Any, other: Any, share: Any, block: int) -> None:
        self._scores, self._share = (one, other), share
        self._n = int(one.shape[0])
        self._block = min(block, self._n)
        self._blocks = -(-self._n // self._block)

    def means(self) -> list[Any]:
        """Weighted means over j of a_ij, of b_ij and of their product, each (n,)."""
        ops = require("keras").ops

        def of_block(start: Any, steps: list[Any]) -> list[Any]:  # noqa: ARG001 - the other pass needs it
            near, far = (ops.abs(step) for step in steps)
            return [self._mean(item) for item in (near, far, near * far)]

        return self._each(of_block, 3)

    def slopes(self, means: Sequence[Any]) -> list[Any]:
        """Weighted means over j of sign(x_i - x_j) B_ij and sign(y_i - y_j) A_ij; `means` are a_i and b_i."""
        ops = require("keras").ops
        columns = [mean - ops.sum(self._share * mean) for mean in means]
        padded = [self._padded(mean) for mean in means]

        def of_block(start: Any, steps: list[Any]) -> list[Any]:
            rows = [self._rows(item, start) for item in padded]
            a, b = (ops.abs(step) - row - column for step, row, column in zip(steps, rows, columns, strict=True))
            return [self._mean(ops.sign(steps[0]) * b), self._mean(ops.sign(steps[1]) * a)]

        return self._each(of_block, 2)

    def _each(self, of_block: Callable[[Any, list[Any]], list[Any]], n_results: int) -> list[Any]:
        """What `of_block` gives for the first crossing of each block and the steps from all crossings to those of the block."""
        ops = require("keras").ops
        padded = [self._padded(score) for score in self._scores]

        def step(index: Any, results: tuple[Any, ...]) -> tuple[Any, ...]:
            start = index * self._block
            steps = [self._rows(item, start) - score for item, score in zip(padded, self._scores, strict=True)]
            made = of_block(start, steps)
            return tuple(ops.slice_update(kept, (start,), item) for kept, item in zip(results, made, strict=True))

        empty = tuple(ops.zeros_like(padded[0]) for _ in range(n_results))
        return [result[: self._n] for result in ops.fori_loop(0, self._blocks, step, empty)]

    def _padded(self, values: Any) -> Any:
        """`values` with zeros up to a whole number of blocks."""
        return require("keras").ops.pad(values, [[0, self._blocks * self._block - self._n]])

    def _rows(self, padded: Any, start: Any) -> Any:
        """Values of the block that begins at `start`, as a column."""
        return require("keras").ops.slice(padded, (start,), (self._block,))[:, None]

    def _mean(self, table: Any) -> Any:
        """Weighted mean of each row."""
        return require("keras").ops.sum(self._share * table, axis=1)
