"""Crossings with the trigger bits that their file carries: vectors, NanoAOD, L1Ntuples, decision files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.readers import reader_of
from l1ml.data.readers.nanoaod_contents import BITS
from l1ml.data.readers.reader import Reader
from l1ml.data.ugt_vectors import N_CROSSINGS, iterate_vectors
from l1ml.errors import DataError, SchemaError
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.menus.menu import Menu

__all__ = ["FINAL", "INITIAL", "BitSource", "RecordedBatch", "RecordedFile"]

INITIAL, FINAL = "initial", "final"
"""What the conditions say; what is kept after bunch-crossing masks and prescales."""

_ORBITS_AT_ONCE = 2
_CHUNK = 8192
_IDENTITY = ("run", "luminosity_block", "orbit", "bx")
_BY_INDEX: Mapping[str, str] = {"algorithm": INITIAL, "algorithm_final": FINAL}
_VECTORS = "ugt"

Bits = NDArray[np.bool_]
Identity = Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True, eq=False, slots=True)
class RecordedBatch:
    """A batch of crossings.

    Parameters
    ----------
    n : int
        Crossings.
    identity : mapping of str to ndarray of int64, shape (n,)
        What is known of where they come from: run, luminosity_block, event, orbit, bx.
    bits : mapping of str to ndarray of bool, shape (n, n_names)
        At the level "initial", "final" or both, one column for each name of the source.
    columns : Columns, optional
        Their objects.
    scores : mapping of str to integer ndarray, shape (n,) or (n, k)
        Score words that the file carries.
    weight : ndarray of float64, shape (n,), optional
        Weights; one each where there are none.
    """

    n: int
    identity: Identity
    bits: Mapping[str, Bits]
    columns: Columns | None = None
    scores: Mapping[str, NDArray[np.integer]] = field(default_factory=dict)
    weight: NDArray[np.float64] | None = None

    def select(self, rows: NDArray[np.int64]) -> RecordedBatch:
        """Identity, bits, scores and weights of the crossings `rows`; objects stay behind."""
        weight = None if self.weight is None else self.weight[rows]
        identity = {name: values[rows] for name, values in self.identity.items()}
        bits = {name: values[rows] for name, values in self.bits.items()}
        scores = {name: values[rows] for name, values in self.scores.items()}
        return RecordedBatch(len(rows), identity, bits, None, scores, weight)

    @classmethod
    def concatenate(cls, parts: Sequence[RecordedBatch]) -> RecordedBatch:
        """Identity, bits and scores of all `parts`, of which there is one or more, in order."""
        identity, bits, scores = (
            {name: np.concatenate([getattr(part, key)[name] for part in parts]) for name in getattr(parts[0], key)}
            for key in ("identity", "bits", "scores")
        )
        return cls(sum(part.n for part in parts), identity, bits, None, scores)


class BitSource(Protocol):
    """A file with bits."""

    @property
    def name(self) -> str:
        """Name of the file."""

    @property
    def names(self) -> tuple[str, ...]:
        """Algorithms, in the order of the columns of the bits."""

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels that it has bits of."""

    @property
    def identity(self) -> tuple[str, ...]:
        """Columns that are known of where its crossings come from."""

    def iterate(self) -> Iterator[RecordedBatch]:
        """All crossings in the order of the file; memory does not grow with it."""


class RecordedFile:
    """A file of any format that `l1ml.data.readers` reads and that carries bits.

    Parameters
    ----------
    path : Path
        The file.
    menu : Menu, optional
        Names the bits of vectors and L1Ntuples, which have only numbers.
    era : str, optional
        Year of the layout of vectors.

    Notes
    -----
    The bits of vectors are those before masks and prescales. ``L1_*`` of NanoAOD are those after them (CMSSW's
    ``L1TriggerResultsConverter`` reads the final decision). An L1Ntuple has both.

    Raises
    ------
    DataError
        If the file is missing or empty.
    SchemaError
        If it carries no bits, or bits without names.
    """

    def __init__(self, path: Path, menu: Menu | None = None, era: str | None = None) -> None:
        self.path, self.name = path, path.name
        self._menu, self._era = menu, era
        self._reader: Reader = reader_of(path)
        self.names, self.levels, self.identity = self._header()

    def iterate(self) -> Iterator[RecordedBatch]:
        """All crossings in the order of the file."""
        if self._reader.name == _VECTORS:
            return self._of_vectors()
        return (self._of_events(events) for events in self._reader.iterate(self.path, chunk=_CHUNK))

    def _header(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Names, levels and identity."""
        if self._reader.name == _VECTORS:
            return self._named().names, (INITIAL,), ("orbit", "bx")
        first = next(self._reader.iterate(self.path, chunk=_CHUNK), None)
        if first is None or not first.n:
            msg = f"{self.path} holds no crossings"
            raise DataError(msg)
        objects = {item.name: item for item in first.schema.objects}
        levels = tuple(level for name, level in _BY_INDEX.items() if name in objects)
        identity = tuple(_identity(first))
        if BITS in objects:
            return objects[BITS].slot_names, (FINAL,), identity
        if levels:
            return self._named().names, levels, identity
        msg = (
            f"{self.path} ({self._reader.name}) carries no trigger bits; they are in uGT vectors, NanoAOD with branches L1_*, "
            "L1Ntuples with a decision tree, and decision files of l1ml"
        )
        raise SchemaError(msg)

    def _named(self) -> Menu:
        if self._menu is None:
            msg = f"the bits of {self.path} have numbers and no names: name the menu that it was recorded with (--menu)"
            raise SchemaError(msg)
        return self._menu

    def _of_vectors(self) -> Iterator[RecordedBatch]:
        """An orbit of vectors has no number of its own: they are counted in the file."""
        done = 0
        for crossings in iterate_vectors(self.path, _ORBITS_AT_ONCE * N_CROSSINGS, era=self._era):
            orbit = (np.arange(done, done + crossings.n) // N_CROSSINGS).astype(np.int64)
            bits = {INITIAL: crossings.algorithms[:, self._indices()]}
            yield RecordedBatch(crossings.n, {"orbit": orbit, "bx": crossings.bx}, bits, Columns.of_crossings(crossings))
            done += crossings.n

    def _of_events(self, events: Events) -> RecordedBatch:
        """Events have the numbers that their experiment gave them."""
        if BITS in events.collections:
            bits = {FINAL: events.collections[BITS]["hw_bit"].astype(np.bool_)}
        else:
            by_index = {level: events.collections[name]["hw_bit"] for name, level in _BY_INDEX.items() if level in self.levels}
            bits = {level: column.astype(np.bool_)[:, self._indices()] for level, column in by_index.items()}
        return RecordedBatch(events.n, _identity(events), bits, Columns.of_events(events), weight=events.weight)

    def _indices(self) -> list[int]:
        return [item.index for item in self._named().algorithms]


def _identity(events: Events) -> dict[str, NDArray[np.int64]]:
    """What is known of each crossing; a simulation writes -1 where it has no bunch crossing."""
    known = {name: events.crossing[name] for name in _IDENTITY if name in events.crossing}
    if "bx" in known and not ((known["bx"] >= 0) & (known["bx"] < N_CROSSINGS)).all():
        del known["bx"]
    return {**known, "event": events.event.astype(np.int64)}
