"""Firings crossing by crossing: the first algorithm of each crossing, the second, and so on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["FiringRanks"]


@dataclass(frozen=True, eq=False, slots=True)
class FiringRanks:
    """Crossings with the most firings first, so that those with a firing of some rank are the first ones.

    Parameters
    ----------
    row : ndarray of int, shape (n,)
        Crossing at each place.
    count : ndarray of int, shape (n,)
        Firings at each place, falling.
    column : ndarray of int, shape (d, n)
        Algorithm of each rank, rising with the rank; 0 where a place has fewer firings.

    Notes
    -----
    What is multiplied rank by rank is so computed crossing by crossing in the order of the algorithms, whichever crossings stand
    beside it: matrix products would round differently in other batches.
    """

    row: NDArray[np.intp]
    count: NDArray[np.intp]
    column: NDArray[np.intp]

    @classmethod
    def of(cls, fired: NDArray[np.bool_]) -> Self:
        """Ranks of the firings in `fired`, shape (k, n)."""
        k, n = fired.shape
        count = np.count_nonzero(fired, axis=0)
        order = np.argsort(-count, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(n)
        row = np.repeat(np.arange(n), count)
        column = np.flatnonzero(np.ascontiguousarray(fired.T)) - row * k
        rank = np.arange(row.size) - np.repeat(np.cumsum(count) - count, count)
        table = np.zeros((int(count.max(initial=0)), n), dtype=np.intp)
        table[rank, place[row]] = column
        return cls(order, count[order], table)

    def select(self, places: NDArray[np.intp]) -> FiringRanks:
        """Some of the places, in rising order."""
        count = self.count[places]
        return FiringRanks(self.row[places], count, self.column[: count.max(initial=0), places])

    def ranks(self) -> Iterator[NDArray[np.intp]]:
        """Algorithms of each rank at the first places, those that have so many firings."""
        sizes = np.searchsorted(-self.count, -np.arange(len(self.column)), side="left").tolist()
        for size, column in zip(sizes, self.column, strict=True):
            yield column[:size]
