"""Crossings of files of any format as a stream of batches, each with what makes its crossings those ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.event_file import EventFile
from l1ml.data.events import Events
from l1ml.data.readers import reader_of
from l1ml.data.text_lines import line_length
from l1ml.data.ugt_crossings import N_CROSSINGS, Crossings
from l1ml.data.ugt_vectors import iterate_vectors
from l1ml.errors import DataError
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.decision_file import IDENTITY

__all__ = ["ORBITS_AT_ONCE", "CrossingBatch", "CrossingSource", "total_crossings"]

ORBITS_AT_ONCE = 2
"""Orbits of vectors in a batch: the last crossing is the neighbour of the first."""

_CHUNK = 131072
"""Events in a batch: what HDF5, the journal and the disk cost for each is 10 % of a small network's time at half of it."""
_VECTORS, _OURS = "ugt", "l1ml"
_NAMES = {"luminosity_block": "lumi"}


@dataclass(frozen=True, eq=False)
class CrossingBatch:
    """Consecutive crossings of one file.

    Parameters
    ----------
    content : Events or Crossings
        Their words.
    identity : mapping of ndarray of int64 or uint64, shape (n,)
        Those of `IDENTITY` that are known.
    checked : bool
        Whether every word was found inside the width that its schema says.
    """

    content: Events | Crossings
    identity: Mapping[str, NDArray[Any]]
    checked: bool = False

    @property
    def n(self) -> int:
        """Number of crossings."""
        return len(self.content)

    @cached_property
    def columns(self) -> Columns:
        """The words as menus read them."""
        return Columns.of_events(self.content) if isinstance(self.content, Events) else Columns.of_crossings(self.content)


class CrossingSource:
    """A file of crossings that must not change while it is read.

    Parameters
    ----------
    path : Path
        The file: of any format of `l1ml.data.readers`.
    era : str, optional
        Year of the word layout of vectors; by default what the name of the file says.
    start, stop : int, optional
        Range of the crossings, of event files and vectors only; of vectors from the beginning of an orbit.
    digest : str, optional
        That of the file, where it is known already.

    Raises
    ------
    DataError, SchemaError
        If the file is missing, damaged or of no known format.
    """

    def __init__(
        self, path: Path, era: str | None = None, *, start: int = 0, stop: int | None = None, digest: str | None = None
    ) -> None:
        self.path, self._era = path, era
        self._start, self._stop, self._digest = start, stop, digest
        self._reader = reader_of(path)
        self._state = _state(path)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the rows hold where the file says it, else of its bytes."""
        if self._digest is not None:
            return self._digest
        if self._reader.name == _OURS:
            with EventFile(self.path) as file:
                if file.digest is not None:
                    return file.digest
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def n_crossings(self) -> int | None:
        """Crossings of the range, if that is known without reading the whole file; what a progress bar counts to.

        Raises
        ------
        DataError, SchemaError
            If an event file is damaged.
        """
        stop = self._stop
        if stop is None and self._reader.name == _OURS:
            with EventFile(self.path) as file:
                stop = len(file)
        elif stop is None and self._reader.name == _VECTORS:
            length = line_length(self.path)
            stop = None if length is None else self.path.stat().st_size // length
        return None if stop is None else stop - self._start

    def batches(self, first: int = 0) -> Iterator[CrossingBatch]:
        """Crossings from number `first` of the range on: events in chunks, vectors in whole orbits, so that neighbours are seen.

        Raises
        ------
        DataError, SchemaError
            If the file is damaged, changes while it is read, or no batch begins at `first`.
        """
        done = 0
        for batch in self._event_batches(first) if self._reader.name == _OURS else self._all_batches():
            if _state(self.path) != self._state:
                msg = f"{self.path} changes while it is read (its writer is at work?); wait until it is complete and run again"
                raise DataError(msg)
            done += batch.n
            if self._reader.name == _OURS or done - batch.n >= first:
                yield batch
            elif done > first:
                msg = f"{self.path}: no batch begins at crossing {first}; delete the unfinished output to begin anew"
                raise DataError(msg)

    def _event_batches(self, first: int) -> Iterator[CrossingBatch]:
        with EventFile(self.path) as file:
            stop = len(file) if self._stop is None else self._stop
            for start in range(self._start + first, stop, _CHUNK):
                events = file.read_words(slice(start, min(start + _CHUNK, stop)))
                yield replace(_of_events(events, self.path), checked=True)

    def _all_batches(self) -> Iterator[CrossingBatch]:
        if self._reader.name == _VECTORS:
            n_orbits, lines = self._start // N_CROSSINGS, ORBITS_AT_ONCE * N_CROSSINGS
            for crossings in iterate_vectors(self.path, lines, era=self._era, start=self._start, stop=self._stop):
                orbit = n_orbits + np.cumsum(crossings.bx == 0) - 1
                yield CrossingBatch(crossings, {"bx": crossings.bx, "orbit": orbit})
                n_orbits = int(orbit[-1]) + 1
            return
        for events in self._reader.iterate(self.path, chunk=_CHUNK):
            yield _of_events(events, self.path)


def total_crossings(sources: Sequence[CrossingSource]) -> int | None:
    """Crossings of all `sources`, where each knows how many it has."""
    known = [source.n_crossings for source in sources]
    return None if None in known else sum(n for n in known if n is not None)


def _of_events(events: Events, path: Path) -> CrossingBatch:
    """`events` with their numbers, each of which must fit into the type that it has in a decision file."""
    identity: dict[str, NDArray[Any]] = {_NAMES.get(name, name): numbers for name, numbers in events.crossing.items()}
    identity = {name: numbers for name, numbers in identity.items() if name in IDENTITY} | {"event": events.event}
    for name, numbers in identity.items():
        limits = np.iinfo(IDENTITY[name])
        if len(numbers) and not limits.min <= numbers.min() <= numbers.max() <= limits.max:
            msg = f"{path}: {name} goes from {numbers.min()} to {numbers.max()}, expected {limits.min} to {limits.max}"
            raise DataError(msg)
    return CrossingBatch(events, identity)


def _state(path: Path) -> tuple[int, int, int]:
    """What changes when somebody writes the file `path`."""
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns
