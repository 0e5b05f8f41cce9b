"""Sums over equal blocks of consecutive crossings, in memory that does not grow with the file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["BlockSums", "coarsened"]

_MOST_BLOCKS = 256


class BlockSums:
    """Columns summed over blocks of equally many crossings; where there are too many blocks, two become one.

    Parameters
    ----------
    n_columns : int
        Columns that are summed.
    most_blocks : int
        Blocks that are kept at most, an even number; never fewer than half of them once there were so many.

    Examples
    --------
    >>> sums = BlockSums(1, most_blocks=4)
    >>> for value in range(9):
    ...     sums.add(np.array([0]), np.array([0]), np.array([float(value)]), 1)
    >>> sums.size, sums.whole().T
    (4, array([[ 6., 22.]]))
    """

    def __init__(self, n_columns: int, most_blocks: int = _MOST_BLOCKS) -> None:
        self.size, self.n = 1, 0
        self._sums = np.zeros((most_blocks, n_columns))

    def add(self, row: NDArray[np.int64], column: NDArray[np.int64], weight: NDArray[np.float64], n: int) -> None:
        """Add `n` more crossings: of each entry its crossing, 0 to n - 1, its column and its weight."""
        most, n_columns = self._sums.shape
        while self.n + n > most * self.size:
            self._halve()
        block = (self.n + row) // self.size
        first = self.n // self.size
        n_blocks = (self.n + n - 1) // self.size + 1 - first if n else 0
        place = (block - first) * n_columns + column
        filled = np.bincount(place, weight, n_blocks * n_columns).reshape(n_blocks, n_columns)
        self._sums[first : first + n_blocks] += filled
        self.n += n

    def whole(self) -> NDArray[np.float64]:
        """Sums of the blocks that are full, shape (n_blocks, n_columns)."""
        return self._sums[: self.n // self.size]

    def _halve(self) -> None:
        pairs = self._sums.reshape(len(self._sums) // 2, 2, -1).sum(axis=1)
        self._sums = np.concatenate([pairs, np.zeros_like(pairs)])
        self.size *= 2


def coarsened(sums: NDArray[Any], factor: int) -> NDArray[Any]:
    """`sums` of blocks `factor` times as large, without what is left at the end."""
    n_blocks = len(sums) // factor
    return np.asarray(sums[: n_blocks * factor].reshape(n_blocks, factor, sums.shape[1]).sum(axis=1))
