"""Recorded against emulated bits, counted seed by seed, bunch crossing by bunch crossing and along the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.data.ugt_vectors import N_CROSSINGS
from l1ml.trigger.monitoring.timeline import Timeline

__all__ = ["NewMismatch", "SeedTally"]

Bits = NDArray[np.bool_]

_PLACES = ("luminosity_block", "orbit")


@dataclass(frozen=True, slots=True)
class NewMismatch:
    """A mismatch that is among the first of its seed: its column, its row in the batch, and which side fires."""

    seed: int
    row: int
    only_recorded: bool


class SeedTally:
    """Counts of `n_seeds` seeds; their memory does not grow with the crossings.

    Parameters
    ----------
    one_way : ndarray of bool, shape (n_seeds,)
        Seeds of which the recorded bits have passed a prescale that is not known to be one: that they are not set says nothing.
    n_first : int
        Mismatches of each seed that are reported by `add`.
    """

    def __init__(self, one_way: Bits, n_first: int = 3) -> None:
        n_seeds = len(one_way)
        self.one_way, self.n_crossings = one_way, 0
        self.both, self.only_recorded, self.only_emulated = (np.zeros(n_seeds, np.int64) for _ in range(3))
        self.crossings_with_mismatch = 0
        self.has_bx, self.time_unit = False, ""
        self.bx_mismatches, self.bx_firings = (np.zeros((n_seeds + 1, N_CROSSINGS), np.int32) for _ in range(2))
        self._line = Timeline(2 * (n_seeds + 1))
        self._left = np.full(n_seeds, n_first)

    @property
    def mismatches(self) -> NDArray[np.int64]:
        """Mismatching crossings of each seed, shape (n_seeds,)."""
        return self.only_recorded + np.where(self.one_way, 0, self.only_emulated)

    @property
    def firings(self) -> NDArray[np.int64]:
        """Crossings in which each seed can mismatch: those where a side fires, or the recorded one if only that counts."""
        return self.both + self.only_recorded + np.where(self.one_way, 0, self.only_emulated)

    @property
    def time_first(self) -> int:
        """Where the first bin of `time_counts` begins."""
        return self._line.first

    @property
    def time_width(self) -> int:
        """Width of its bins."""
        return self._line.width

    @property
    def time_counts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Mismatches and firings along the run, shape (n_seeds + 1, n_bins) each; the last row is that of any seed."""
        counts = self._line.counts
        half = len(counts) // 2
        return counts[:half], counts[half:]

    def add(self, recorded: Bits, emulated: Bits, identity: Mapping[str, NDArray[np.int64]]) -> list[NewMismatch]:
        """Count a batch of bits, shape (m, n_seeds), of the crossings with that `identity`; returns the first mismatches."""
        # few bits are set: all that follows is of those alone
        rows, seeds = np.divmod(np.flatnonzero(recorded | emulated), recorded.shape[1])
        here, there = recorded[rows, seeds], emulated[rows, seeds]
        self.both += self._count(seeds[here & there])
        self.only_recorded += self._count(seeds[here & ~there])
        self.only_emulated += self._count(seeds[there & ~here])
        counts = here | ~self.one_way[seeds]
        wrong = counts & (here != there)
        entries = [_with_any(rows[chosen], seeds[chosen], recorded.shape) for chosen in (wrong, counts)]
        self.crossings_with_mismatch += len(entries[0][0]) - int(wrong.sum())
        self._add_bx(entries, identity.get("bx"))
        self._add_time(entries, identity, len(recorded))
        self.n_crossings += len(recorded)
        return self._first(rows[wrong], seeds[wrong], here[wrong])

    def _count(self, seeds: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(seeds, minlength=len(self.one_way))

    def _add_bx(self, entries: Sequence[Entries], bx: NDArray[np.int64] | None) -> None:
        if bx is None:
            return
        self.has_bx = True
        for counts, (rows, seeds) in zip((self.bx_mismatches, self.bx_firings), entries, strict=True):
            np.add.at(counts, (seeds, bx[rows]), 1)

    def _add_time(self, entries: Sequence[Entries], identity: Mapping[str, NDArray[np.int64]], n: int) -> None:
        """By luminosity section, else orbit, else place in the file."""
        known = next((name for name in _PLACES if name in identity), "")
        self.time_unit = known or "crossing of the file"
        place = identity[known] if known else np.arange(self.n_crossings, self.n_crossings + n)
        (wrong_rows, wrong_seeds), (rows, seeds) = entries
        lines = np.concatenate([wrong_seeds, seeds + len(self.one_way) + 1])
        self._line.add(place, lines, np.concatenate([wrong_rows, rows]))

    def _first(self, rows: NDArray[np.int64], seeds: NDArray[np.int64], only_recorded: Bits) -> list[NewMismatch]:
        """The first mismatches of each seed, of which not enough were seen."""
        found = []
        for seed in np.unique(seeds).tolist():
            chosen = np.flatnonzero(seeds == seed)[: self._left[seed]]
            self._left[seed] -= len(chosen)
            found += [NewMismatch(seed, int(rows[place]), bool(only_recorded[place])) for place in chosen]
        return found


Entries = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Crossing and seed of each bit."""


def _with_any(rows: NDArray[np.int64], seeds: NDArray[np.int64], shape: tuple[int, ...]) -> Entries:
    """The same bits, and one of the seed behind the last in each crossing that has any."""
    some = np.flatnonzero(np.bincount(rows, minlength=shape[0]))
    return np.concatenate([rows, some]), np.concatenate([seeds, np.full(len(some), shape[1])])
