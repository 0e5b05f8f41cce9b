"""Where a sample can be cut without tearing the copies of a generated collision apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["draw_bounds"]


def draw_bounds(group: NDArray[Any], size: int) -> list[int]:
    """First rows of parts of about `size` rows, and the number of rows behind them.

    Parameters
    ----------
    group : ndarray, shape (n,)
        Label of the collision that each row is a copy of.
    size : int
        Rows in a part; more where copies lie further apart.

    Examples
    --------
    >>> draw_bounds(np.array([1, 1, 2, 3, 2, 4]), 1)
    [0, 2, 5, 6]
    """
    labels, index = np.unique(group, return_inverse=True)
    last = np.zeros(labels.size, dtype=np.intp)
    np.maximum.at(last, index, np.arange(group.size))
    free = np.flatnonzero(np.maximum.accumulate(last[index]) == np.arange(group.size)) + 1
    cuts = free[np.searchsorted(free, np.arange(size, group.size, size))]
    return sorted({0, *cuts.tolist(), group.size})
