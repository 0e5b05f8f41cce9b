"""Objects of the events from lists in branches: chosen, padded to slots, words checked against their width."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.readers.root_trees import Chunk, Tree
from l1ml.data.schema import Field, ObjectSchema, RealField
from l1ml.errors import DataError

__all__ = ["Column", "Columns", "RootObject", "fullest"]

Columns = dict[str, NDArray[Any]]

_COUNTED_AT_ONCE = 100_000
_CREDIBLE = 10_000
"""A larger count is looked up in the lists: the slots of a damaged counter would fill the memory."""


@dataclass(frozen=True, slots=True)
class Column:
    """A word or a real quantity and the branch that it comes from.

    `convert` turns what the branch holds into words; a value that has none comes back as False in its second array.
    """

    target: Field | RealField
    branch: str
    convert: Callable[[NDArray[Any]], tuple[NDArray[Any], NDArray[np.bool_]]] | None = None

    @property
    def dtype(self) -> type[np.generic]:
        """What the column is kept as: one-bit words are narrow, there are hundreds of them."""
        if isinstance(self.target, RealField):
            return np.float32
        return np.int8 if self.target.scale.n_bits == 1 else np.int32


@dataclass(frozen=True, slots=True)
class RootObject:
    """One object of the events and where it stands in a tree.

    Parameters
    ----------
    name : str
        In the schema.
    n_slots : int
        Most objects of one event.
    columns : tuple of Column
        What there is of it.
    only : mapping of str to int
        Entries of the lists that belong to the object: those where each of these branches has this value.
    truncate : bool
        Whether entries beyond the slots are left out; otherwise they are an error.
    masked : bool
        Whether the slots that hold an object need a mask: where the word of pt does not tell.
    full : bool
        Whether every event must fill every slot.
    """

    name: str
    n_slots: int
    columns: tuple[Column, ...]
    only: Mapping[str, int]
    truncate: bool = False
    masked: bool = True
    full: bool = False

    @property
    def schema(self) -> ObjectSchema:
        """The object as events know it."""
        targets = [column.target for column in self.columns]
        fields = tuple(item for item in targets if isinstance(item, Field))
        return ObjectSchema(self.name, self.n_slots, fields, tuple(item for item in targets if isinstance(item, RealField)))

    @property
    def branches(self) -> tuple[str, ...]:
        """Every branch that it is read from."""
        return (*self.only, *(column.branch for column in self.columns))

    def read(self, chunk: Chunk) -> tuple[Columns, NDArray[np.bool_]]:
        """Columns of the entries of `chunk`, shape (n, n_slots), and which slots hold an object.

        Raises
        ------
        DataError
            If lists that belong together differ in length, an event has more objects than slots, or a word is too wide.
        """
        counts = self._counts(chunk)
        if not self.only and (counts == self.n_slots).all():
            return self._filled(chunk)
        if self.full:
            entry = int(np.argmax(counts != self.n_slots))
            msg = f"{chunk.path}, entry {chunk.start + entry}: {counts[entry]} values of {self.name!r}, expected {self.n_slots}"
            raise DataError(msg)
        keep = np.ones(int(counts.sum()), np.bool_)
        for branch, value in self.only.items():
            keep &= chunk.flat(branch)[1] == value
        row = np.repeat(np.arange(chunk.n), counts)[keep]
        slot = _ranks(row, chunk.n)
        inside = self._fitting(chunk, row, slot)
        row, slot = row[inside], slot[inside]
        columns: Columns = {}
        for column in self.columns:
            values = _values(column, chunk.flat(column.branch)[1][keep][inside], chunk, row)
            columns[column.target.column] = np.zeros((chunk.n, self.n_slots), column.dtype)
            columns[column.target.column][row, slot] = values
        valid = np.zeros((chunk.n, self.n_slots), np.bool_)
        valid[row, slot] = True
        return columns, valid

    def _filled(self, chunk: Chunk) -> tuple[Columns, NDArray[np.bool_]]:
        """Columns where every event fills every slot."""
        shape, row = (chunk.n, self.n_slots), np.repeat(np.arange(chunk.n), self.n_slots)
        columns: Columns = {}
        for column in self.columns:
            values = _values(column, chunk.flat(column.branch)[1], chunk, row)
            columns[column.target.column] = values.astype(column.dtype).reshape(shape)
        return columns, np.ones(shape, np.bool_)

    def _counts(self, chunk: Chunk) -> NDArray[np.int64]:
        first, *others = dict.fromkeys(self.branches)
        counts, _ = chunk.flat(first)
        for other in others:
            differs = chunk.flat(other)[0] != counts
            if differs.any():
                entry = int(np.argmax(differs))
                msg = (
                    f"{chunk.path}, entry {chunk.start + entry}: {first} has {int(counts[entry])} values and {other} has "
                    f"{int(chunk.flat(other)[0][entry])}; they describe the same objects"
                )
                raise DataError(msg)
        return counts

    def _fitting(self, chunk: Chunk, row: NDArray[np.int64], slot: NDArray[np.int64]) -> NDArray[np.bool_]:
        inside = slot < self.n_slots
        if not (self.truncate or inside.all()):
            entry = int(row[np.argmax(~inside)])
            msg = (
                f"{chunk.path}, entry {chunk.start + entry}: {int(np.count_nonzero(row == entry))} objects {self.name!r} in one "
                f"crossing, expected {self.n_slots} at most"
            )
            raise DataError(msg)
        return np.asarray(inside)


def fullest(tree: Tree, branch: str, counter: str) -> int:
    """Most values of the list `branch` in one event, at least 1; its `counter` is the quicker to read, where it is credible."""
    if counter in tree.branches:
        most = max((int(chunk.column(counter).max(initial=0)) for chunk in tree.iterate([counter], _COUNTED_AT_ONCE)), default=0)
        if most <= _CREDIBLE:
            return max(most, 1)
    counts = (chunk.flat(branch)[0] for chunk in tree.iterate([branch], _COUNTED_AT_ONCE))
    return max((int(of_chunk.max(initial=1)) for of_chunk in counts), default=1)


def _ranks(row: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Position of each value among those of its row; `row` rises."""
    first = np.searchsorted(row, np.arange(n))
    return np.arange(len(row)) - first[row]


def _values(column: Column, raw: NDArray[Any], chunk: Chunk, row: NDArray[np.int64]) -> NDArray[Any]:
    """Words or quantities from what the branch holds.

    Raises
    ------
    DataError
        If a word does not fit, or a value has none.
    """
    if isinstance(column.target, RealField):
        return raw
    words, known = (raw, np.ones(len(raw), np.bool_)) if column.convert is None else column.convert(raw)
    scale = column.target.scale
    known = known & (words >= scale.min_word) & (words <= scale.max_word)
    if not known.all():
        place = int(np.argmax(~known))
        msg = (
            f"{chunk.path}, entry {chunk.start + int(row[place])}: {column.branch} holds {raw[place]}, which is no word of "
            f"{scale.n_bits} bits ({scale.min_word} to {scale.max_word}) in steps of {scale.lsb:g} {scale.unit}".rstrip()
        )
        raise DataError(msg)
    return words
