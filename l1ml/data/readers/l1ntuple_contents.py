"""What an L1Ntuple file holds of one source and one crossing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from l1ml.data.readers.l1ntuple_layout import (
    CROSSING,
    DECISIONS,
    EVENT,
    EVENT_TREE,
    FINAL_OR,
    LISTS,
    N_ALGORITHMS,
    SOURCES,
    SUM_BX,
    SUM_COLUMNS,
    SUM_TYPE,
    SUMS,
    TOWERS,
    calorimeter_tree,
    decision_tree,
    level1_tree,
)
from l1ml.data.readers.root_objects import Column, RootObject, fullest
from l1ml.data.readers.root_trees import Tree, missing_branches
from l1ml.data.readers.ugt_fields import ugt_field, ugt_slots
from l1ml.data.schema import EventSchema, Field
from l1ml.errors import ConfigError, DataError, SchemaError, nearest
from l1ml.hardware.scales import HardwareScale

__all__ = ["Contents", "contents_of"]

_PROBE = 20_000
"""Entries from which is told what the branches do not say."""
_BIT = Field("bit", HardwareScale(1.0, 1))


@dataclass(frozen=True, slots=True)
class Contents:
    """What of a file is read, by tree, and what it lacks.

    Parameters
    ----------
    objects : mapping of str to tuple of RootObject
        Objects of each tree.
    crossing : mapping of str to str
        Branch of each crossing column.
    n : int
        Number of events.
    missing : tuple of str
        Trees and branches that the file lacks.
    """

    objects: Mapping[str, tuple[RootObject, ...]]
    crossing: Mapping[str, str]
    has_event: bool
    n: int
    missing: tuple[str, ...]

    @property
    def schema(self) -> EventSchema:
        """The events as they come out."""
        return EventSchema("l1ntuple", 1, tuple(item.schema for items in self.objects.values() for item in items))

    @property
    def branches(self) -> dict[str, list[str]]:
        """Everything that is read, by tree."""
        read = {tree: [branch for item in items for branch in item.branches] for tree, items in self.objects.items() if items}
        own = [*self.crossing.values(), *([EVENT] if self.has_event else [])]
        return {**read, EVENT_TREE: own} if own else read


def contents_of(path: Path, trees: Mapping[str, Tree], source: str, bx: int, objects: Sequence[str] | None) -> Contents:
    """What is read of the file `path` with these `trees`: the objects named in `objects`, or all.

    Raises
    ------
    ConfigError
        If there is no such source.
    SchemaError
        If there is nothing of the source, or not what was asked for.
    DataError
        If the trees disagree in the number of their entries.
    """
    if source not in SOURCES:
        msg = f"no source is called {source!r}; {nearest(source, SOURCES)}"
        raise ConfigError(msg)
    missing: list[str] = []
    found = {
        level1_tree(source): tuple(_trigger_objects(trees.get(level1_tree(source)), bx, missing)),
        calorimeter_tree(source): tuple(_cells(trees.get(calorimeter_tree(source)), bx, missing)),
        decision_tree(source): tuple(_decisions(trees.get(decision_tree(source)), bx, missing)),
    }
    missing += [name for name in (*found, EVENT_TREE) if name not in trees]
    present = [item.name for items in found.values() for item in items]
    _check_names(objects, present, f"{path} of the source {source!r} in crossing {bx:+d}", trees)
    chosen = {tree: tuple(item for item in items if objects is None or item.name in objects) for tree, items in found.items()}
    there = trees[EVENT_TREE].branches if EVENT_TREE in trees else frozenset()
    crossing = {name: branch for name, branch in CROSSING.items() if branch in there}
    used = [name for name, items in chosen.items() if items] + ([EVENT_TREE] if EVENT_TREE in trees else [])
    missing += missing_branches([EVENT, *CROSSING.values()], there) if there else []
    return Contents(chosen, crossing, EVENT in there, _entries(trees, used), tuple(missing))


def _trigger_objects(tree: Tree | None, bx: int, missing: list[str]) -> Iterator[RootObject]:
    """Objects and sums of the crossing `bx`."""
    if tree is None:
        return
    bx_branches = [branch for branch in (*(branch for branch, _ in LISTS.values()), SUM_BX) if branch in tree.branches]
    sums = [branch for branch in (SUM_BX, SUM_TYPE) if branch in tree.branches]
    probe = next(tree.iterate([*bx_branches, *sums], _PROBE), None)
    if bx and not (probe and any((probe.flat(branch)[1] == bx).any() for branch in bx_branches)):
        missing.append(f"{tree.name} of crossing {bx:+d}")
        return
    for name, (crossing, wanted) in LISTS.items():
        columns = _present(wanted, tree, missing)
        if columns and not missing_branches([crossing], tree.branches):
            masked = all(column.target.column != "hw_pt" for column in columns)
            yield RootObject(name, ugt_slots(name), columns, {crossing: bx}, masked=masked)
    if probe is not None and len(sums) == 2:
        present = {int(number) for number in np.unique(probe.flat(SUM_TYPE)[1])}
        missing += [f"{SUM_TYPE} {number} ({name})" for number, (name, _) in SUMS.items() if number not in present]
        for number, (name, fields) in ((key, item) for key, item in SUMS.items() if key in present):
            columns = tuple(Column(ugt_field(name, field), SUM_COLUMNS[field]) for field in fields)
            yield RootObject(name, 1, _present(columns, tree, missing), {SUM_BX: bx, SUM_TYPE: number})


def _cells(tree: Tree | None, bx: int, missing: list[str]) -> Iterator[RootObject]:
    """Calorimeter cells, of the triggered crossing only."""
    if tree is None or bx:
        return
    for name, item in TOWERS.items():
        columns = _present(item.columns, tree, missing)
        if columns:
            yield RootObject(name, fullest(tree, columns[0].branch, item.counter), columns, {})


def _decisions(tree: Tree | None, bx: int, missing: list[str]) -> Iterator[RootObject]:
    """Bits of the Global Trigger, of the triggered crossing only."""
    if tree is None or bx:
        return
    for name, branch in DECISIONS.items():
        if columns := _present((Column(_BIT, branch),), tree, missing):
            yield RootObject(name, N_ALGORITHMS, columns, {}, masked=False, full=True)
    wanted = tuple(Column(Field(name, scale), branch) for name, (branch, scale) in FINAL_OR.items())
    if columns := _present(wanted, tree, missing):
        yield RootObject("final_or", 1, columns, {}, masked=False, full=True)


def _present(columns: tuple[Column, ...], tree: Tree, missing: list[str]) -> tuple[Column, ...]:
    """Those of `columns` that the tree has; the others are noted."""
    missing += missing_branches([column.branch for column in columns], tree.branches)
    return tuple(column for column in columns if column.branch in tree.branches)


def _check_names(objects: Sequence[str] | None, present: Sequence[str], where: str, trees: Mapping[str, Tree]) -> None:
    if not present:
        msg = f"nothing in {where}; the trees are {', '.join(sorted(trees)) or 'none'}"
        raise SchemaError(msg)
    for name in objects or ():
        if name not in present:
            msg = f"no {name!r} in {where}; {nearest(name, present)}"
            raise SchemaError(msg)


def _entries(trees: Mapping[str, Tree], used: Sequence[str]) -> int:
    """Number of entries, which all trees in use share."""
    first, *others = used
    for other in others:
        if trees[other].n != trees[first].n:
            msg = f"{trees[first].path}: {first} has {trees[first].n} entries and {other} has {trees[other].n}"
            raise DataError(msg)
    return trees[first].n
