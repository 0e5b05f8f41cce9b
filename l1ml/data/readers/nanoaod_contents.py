"""What a NanoAOD file holds: told from its branches, and from its first entries where branches do not say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from l1ml.data.readers.nanoaod_layout import (
    CROSSING,
    GENERATED,
    LEVEL1,
    SUM_BRANCH,
    SUM_TYPE,
    SUMS,
    Quantity,
    generated_branches,
    generated_columns,
    level1_branches,
    level1_columns,
)
from l1ml.data.readers.root_objects import Column, RootObject, fullest
from l1ml.data.readers.root_trees import Tree, missing_branches
from l1ml.data.readers.ugt_fields import ugt_slots
from l1ml.data.schema import EventSchema, Field, ObjectSchema
from l1ml.errors import SchemaError, nearest
from l1ml.hardware.scales import HardwareScale

__all__ = ["BITS", "Contents", "bits_of", "contents_of"]

BITS = "l1_bits"
_PROBE = 20_000
"""Entries from which is told what the branches do not say."""
_NAMES = (*LEVEL1, *(name for name, _ in SUMS.values()), *GENERATED, BITS)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is read of a file, and what it lacks.

    Parameters
    ----------
    objects : tuple of RootObject
        Everything that comes in lists.
    bits : tuple of str
        Branches of the trigger bits, in the order of their slots.
    crossing : mapping of str to str
        Branch of each crossing column.
    event, weight : str or None
        Branches of the event number and of the weight.
    missing : tuple of str
        Branches that the file lacks, and words that cannot be told.
    types : frozenset of int
        Types of sums that the schema knows; empty where the caller chose the objects.
    """

    objects: tuple[RootObject, ...]
    bits: tuple[str, ...]
    crossing: Mapping[str, str]
    event: str | None
    weight: str | None
    missing: tuple[str, ...]
    types: frozenset[int] = frozenset()

    @property
    def schema(self) -> EventSchema:
        """The events as they come out."""
        bit = (Field("bit", HardwareScale(1.0, 1)),)
        bits = (ObjectSchema(BITS, len(self.bits), bit, slot_names=self.bits),) if self.bits else ()
        return EventSchema("nanoaod", 1, (*(item.schema for item in self.objects), *bits))

    @property
    def branches(self) -> list[str]:
        """Everything that is read."""
        columns = [branch for item in self.objects for branch in item.branches]
        single = [name for name in (self.event, self.weight) if name]
        return list(dict.fromkeys([*columns, *self.bits, *self.crossing.values(), *single]))


def contents_of(tree: Tree, bx: int, objects: Sequence[str] | None, slots: Mapping[str, int] | None) -> Contents:
    """What of `tree` is read: objects of the crossing `bx`, those named in `objects` or all.

    Raises
    ------
    SchemaError
        If there is nothing, or not what was asked for.
    """
    probe = _Probe(tree, bx)
    found = [*probe.lists(), *probe.sums(), *_generated(tree, slots or {})]
    # the bits are those of the triggered crossing
    bits = bits_of(tree) if bx == 0 else ()
    if objects is not None:
        _check_names(objects, [*(item.name for item in found), *([BITS] if bits else [])], tree)
        found = [item for item in found if item.name in objects]
        bits = bits if BITS in objects else ()
    if not found and not bits:
        msg = f"{tree.path} has none of {', '.join(_NAMES)}: nothing to read"
        raise SchemaError(msg)
    crossing = {name: branch for name, (branch,) in CROSSING.items() if branch in tree.branches}
    event, weight = ((name if name in tree.branches else None) for name in ("event", "genWeight"))
    known = [*level1_branches(), *("event", "genWeight"), *(branch for (branch,) in CROSSING.values()), *generated_branches()]
    missing = (*missing_branches(known, tree.branches), *([] if bits_of(tree) else ["L1_*"]), *probe.notes)
    return Contents(tuple(found), bits, crossing, event, weight, missing, probe.types if objects is None else frozenset())


class _Probe:
    """What the first entries tell of the trigger objects."""

    def __init__(self, tree: Tree, bx: int) -> None:
        self._tree, self._bx = tree, bx
        names = [name for name in _probed(tree) if name in tree.branches]
        self._part = next(tree.iterate(names, _PROBE), None)
        self.notes: list[str] = []
        self.types: frozenset[int] = frozenset()

    def lists(self) -> Iterator[RootObject]:
        """Objects that come in lists."""
        for name, (collection, quantities) in LEVEL1.items():
            columns = self._columns(name, collection, quantities)
            if columns and self._has_crossing(collection):
                masked = all(column.target.column != "hw_pt" for column in columns)
                yield RootObject(name, ugt_slots(name), columns, self._only(collection), masked=masked)

    def sums(self) -> Iterator[RootObject]:
        """Energy sums, by type."""
        kind = SUM_TYPE
        if self._part is None or kind not in self._tree.branches or not self._has_crossing(SUM_BRANCH):
            return
        self.types = frozenset(map(int, np.unique(self._part.flat(kind)[1])))
        for number in sorted(self.types):
            if number not in SUMS:
                self.notes.append(f"{kind} {number}: not an energy, its word is not kept")
                continue
            name, quantities = SUMS[number]
            columns = self._columns(name, SUM_BRANCH, quantities)
            if columns:
                yield RootObject(name, 1, columns, {**self._only(SUM_BRANCH), kind: number})

    def _only(self, collection: str) -> dict[str, int]:
        branch = f"{collection}_bx"
        return {branch: self._bx} if branch in self._tree.branches else {}

    def _has_crossing(self, collection: str) -> bool:
        """Whether the collection keeps the crossing: an empty list of one that is not kept would say that there was nothing."""
        if self._bx == 0:
            return True
        branch = f"{collection}_bx"
        kept = branch in self._tree.branches and self._part is not None and bool((self._part.flat(branch)[1] == self._bx).any())
        if not kept:
            self.notes.append(f"{collection} of crossing {self._bx:+d}")
        return kept

    def _columns(self, name: str, collection: str, quantities: tuple[Quantity, ...]) -> tuple[Column, ...]:
        off_grid = frozenset(self._off_grid(collection, quantities))
        return level1_columns(name, collection, quantities, self._tree.branches, off_grid)

    def _off_grid(self, collection: str, quantities: tuple[Quantity, ...]) -> Iterator[str]:
        for quantity in quantities:
            branch = f"{collection}_{quantity.real}"
            if quantity.grid is None or self._part is None or branch not in _probed(self._tree):
                continue
            if f"{collection}_{quantity.word}" in self._tree.branches or branch not in self._tree.branches:
                continue
            on_grid = quantity.grid.words(self._part.flat(branch)[1])[1]
            if not on_grid.all():
                self.notes.append(
                    f"word of {branch}: {np.count_nonzero(~on_grid)} values are off its grid of {quantity.grid.step}"
                )
                yield branch


def _probed(tree: Tree) -> list[str]:
    """Branches of the trigger objects that are looked at beforehand."""
    return [name for name in level1_branches() if name in tree.branches]


def _generated(tree: Tree, slots: Mapping[str, int]) -> Iterator[RootObject]:
    """What the generator made."""
    for name, item in GENERATED.items():
        columns = generated_columns(name, tree.branches)
        if not columns:
            continue
        most = slots.get(name) or fullest(tree, columns[0].branch, f"n{item.collection}")
        yield RootObject(name, most, columns, {}, truncate=name in slots)


def bits_of(tree: Tree) -> tuple[str, ...]:
    """Branches of the trigger bits, in alphabetical order."""
    return tuple(sorted(name for name in tree.branches if name.startswith("L1_") and "/" not in name))


def _check_names(asked: Sequence[str], present: Sequence[str], tree: Tree) -> None:
    for name in asked:
        if name not in present:
            msg = f"{tree.path} holds no {name!r}; {nearest(name, present)}"
            raise SchemaError(msg)
