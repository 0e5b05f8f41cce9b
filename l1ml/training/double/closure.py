"""How far two scores are from independent above thresholds: the closure of the ABCD estimate, as part of a loss.

Distance correlation (two scores decorrelated by it: arXiv:2007.14400, section 2.2) looks at all crossings, most of which lie far
below any threshold; a background estimate needs independence above them, where few are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from l1ml._optional import require

__all__ = ["SHARES", "closure_penalty"]

SHARES = (0.04, 0.055, 0.07, 0.085, 0.1, 0.12, 0.14, 0.17, 0.2, 0.23, 0.3, 0.4, 0.5, 0.6)
"""Shares of the crossings that the thresholds pass: the roots of 0.5 to 5 % are 0.07 to 0.22, the others keep the neighbourhood
of thresholds and the bulk independent, too."""

_WIDTH = 0.1
"""Of a threshold, in the logarithm of a score, to a gradient: crossings so far from it pull it."""


def closure_penalty(scores: Any, weight: Any, shares: Sequence[float] = SHARES) -> Any:
    """Mean squared logarithm of N_A N_D / (N_B N_C) over every pair of thresholds, one on each score.

    Counts are exact; for the gradient, crossings near a threshold pass it to a part (a straight-through estimate). To each count
    a tenth of a crossing of mean weight is added: an empty region is far from closure, not infinitely far.

    Parameters
    ----------
    scores : tensor, shape (n, 2)
        Not negative.
    weight : tensor, shape (n,)
        Natural weights, not negative; constants.
    shares : sequence of float
        Of the weight that the thresholds of each score pass, between 0 and 1; the thresholds are constants in the gradient.

    Examples
    --------
    >>> import numpy as np
    >>> one, other = (grid.ravel() for grid in np.meshgrid(np.arange(100.0), np.arange(100.0)))
    >>> weight = np.ones(one.size, np.float32)
    >>> round(float(closure_penalty(np.stack([one, other], 1).astype(np.float32), weight)), 4)
    0.0
    >>> bool(closure_penalty(np.stack([one, one], 1).astype(np.float32), weight) > 1.0)
    True
    """
    ops = require("keras").ops
    weight = weight / ops.sum(weight)
    levels = ops.log1p(scores)
    one, other = (_passed(levels[:, column], weight, shares) for column in (0, 1))
    both = ops.matmul(ops.transpose(one * weight[:, None]), other)
    first, second = ops.matmul(weight, one)[:, None], ops.matmul(weight, other)[None, :]
    regions = (both, first - both, second - both, 1.0 - first - second + both)
    # what rounding leaves of an empty region may be negative
    a, b, c, d = (ops.log(ops.relu(region) + 0.1 / scores.shape[0]) for region in regions)
    return ops.mean(ops.square(a + d - b - c))


def _passed(level: Any, weight: Any, shares: Sequence[float]) -> Any:
    """Whether (n, len(shares)) each `level` (n,) passes the thresholds that pass `shares` of the `weight` of sum one."""
    ops = require("keras").ops
    order = ops.argsort(-level)
    places = ops.searchsorted(ops.cumsum(ops.take(weight, order)), ops.convert_to_tensor(shares, dtype=weight.dtype))
    thresholds = ops.stop_gradient(ops.take(level, ops.take(order, ops.minimum(places, level.shape[0] - 1))))
    above = level[:, None] - thresholds
    soft = ops.sigmoid(above / _WIDTH)
    return soft + ops.stop_gradient(ops.cast(above >= 0, soft.dtype) - soft)
