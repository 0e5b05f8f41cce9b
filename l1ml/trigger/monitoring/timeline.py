"""Counts along a run, in equal steps that widen as the run grows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Timeline"]

_MOST_BINS = 1024


class Timeline:
    """Rows of counts by the place of a crossing in its run: its luminosity section, orbit or number in the file.

    Parameters
    ----------
    n_rows : int
        Counts that are kept of each bin.
    most_bins : int
        Bins at most, an even number; beyond, two neighbours become one.

    Examples
    --------
    >>> line = Timeline(1, most_bins=4)
    >>> line.add(np.array([100, 101, 108]), np.array([0, 0, 0]), np.array([0, 1, 2]))
    >>> line.width, line.first, line.counts
    (4, 100, array([[2, 0, 1]]))
    """

    def __init__(self, n_rows: int, most_bins: int = _MOST_BINS) -> None:
        self.width, self.first = 1, 0
        self._counts = np.zeros((n_rows, most_bins), dtype=np.int64)
        self._last = -1

    @property
    def counts(self) -> NDArray[np.int64]:
        """Counts up to the last place seen, shape (n_rows, n_bins); row by row from `first` in steps of `width`."""
        return self._counts[:, : (self._last - self.first) // self.width + 1]

    def add(self, place: NDArray[np.int64], rows: NDArray[np.int64], crossings: NDArray[np.int64]) -> None:
        """Count one more in each of `rows` at the place of each of `crossings`, an index into `place`."""
        if not len(place):
            return
        if self._last < self.first:
            self.first = self._last = int(place.min())
        self._last = max(self._last, int(place.max()))
        self._cover(int(place.min()))
        bins = (place[crossings] - self.first) // self.width
        np.add.at(self._counts, (rows, bins), 1)

    def _cover(self, low: int) -> None:
        """Make the bins reach from `low` to the last place."""
        most = self._counts.shape[1]
        while True:
            missing = max(0, -(-(self.first - low) // self.width))
            if missing + (self._last - self.first) // self.width < most:
                break
            pairs = self._counts.reshape(len(self._counts), -1, 2).sum(axis=2)
            self._counts = np.concatenate([pairs, np.zeros_like(pairs)], axis=1)
            self.width *= 2
        self._counts = np.roll(self._counts, missing, axis=1) if missing else self._counts
        self.first -= missing * self.width
