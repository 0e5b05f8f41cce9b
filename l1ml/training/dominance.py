"""Sums over what comes before each item, in one order or in two: the plane sweep of Bentley, Commun. ACM 23 (1980) 214."""

from __future__ import annotations

from typing import Any

import numpy as np

from l1ml._optional import require

__all__ = ["before", "before_in_both"]


def before(values: Any, order: Any) -> Any:
    """For each item the sum of the `values` (n, k) of those before it in `order` (n,), a permutation.

    Examples
    --------
    >>> import numpy as np
    >>> np.asarray(before(np.array([[1.0], [2.0], [4.0]]), np.array([2, 0, 1])))[:, 0].tolist()
    [4.0, 5.0, 0.0]
    """
    ops = require("keras").ops
    ordered = ops.take(values, order, axis=0)
    return ops.take(ops.cumsum(ordered, axis=0) - ordered, ops.argsort(order), axis=0)


def before_in_both(values: Any, one: Any, other: Any) -> Any:
    """For each item the sum of the `values` (n, k) of those before it in both orders, `one` and `other` (n,).

    Runs of items that lie side by side in the order `one` are merged two by two, each sorted by the order `other`: an item of the
    later run has before it, in both, those of the earlier run that are above it when the merged run is sorted.
    """
    ops = require("keras").ops
    n = int(values.shape[0])
    padding = [0, (1 << (n - 1).bit_length()) - n]
    place = ops.argsort(other)
    rank = ops.concatenate([ops.take(place, one), ops.arange(n, sum(padding) + n, dtype=place.dtype)])
    left = ops.pad(ops.take(values, one, axis=0), [padding, [0, 0]])
    sums = ops.zeros_like(left)
    width = 2
    while width <= sum(padding) + n:
        order = ops.reshape(ops.argsort(ops.reshape(rank, (-1, width)), axis=1), (-1,))
        is_earlier = ops.cast(order < width // 2, left.dtype)[:, None]
        order += ops.cast(np.repeat(np.arange(0, n + sum(padding), width), width), order.dtype)
        rank, left, sums = (ops.take(item, order, axis=0) for item in (rank, left, sums))
        runs = ops.reshape(left * is_earlier, (-1, width, values.shape[1]))
        sums += (1.0 - is_earlier) * ops.reshape(ops.cumsum(runs, axis=1), sums.shape)
        width *= 2
    return ops.take(sums, place, axis=0)
