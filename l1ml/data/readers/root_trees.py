"""ROOT files: trees read in chunks through uproot, and every way in which a file can be damaged as one error.

Names of nested branches are written with a slash, as uproot does: ``L1Upgrade/egIEt``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data.readers.damage import damage
from l1ml.errors import DataError, SchemaError, nearest

__all__ = ["Chunk", "Tree", "has_tree", "is_root_file", "missing_branches", "root_trees"]

_MAGIC = b"root"
_KIND = "of a layout that uproot can read"
_BYTES_PER_ENTRY = 1 / 65536
"""Zeros compress well, but not below this: a tree that declares more entries than its file can hold is damaged."""


def is_root_file(path: Path) -> bool:
    """Whether the file `path` begins as ROOT files do; False if it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def has_tree(path: Path, *names: str) -> bool:
    """Whether `path` is a ROOT file with at least one of the trees `names`; False, never an exception, for anything else."""
    if not is_root_file(path):
        return False
    try:
        with root_trees(path) as trees:
            return any(name in trees for name in names)
    except DataError:
        return False


@dataclass(frozen=True)
class Chunk:
    """Some entries of a tree.

    Parameters
    ----------
    path : Path
        Where they come from, for messages.
    start : int
        Number of the first entry in its tree.
    n : int
        Number of entries.
    """

    path: Path
    start: int
    n: int
    _arrays: dict[str, Any]
    _flat: dict[str, tuple[NDArray[np.int64], NDArray[Any]]] = field(default_factory=dict)

    def flat(self, name: str) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Branch `name` without its lists: how many values each entry has, shape (n,), and all values, in order.

        Raises
        ------
        DataError
            If the branch holds anything but numbers or lists of numbers.
        """
        if name not in self._flat:
            with damage(self.path, _KIND):
                self._flat[name] = self._flattened(name)
        return self._flat[name]

    def column(self, name: str) -> NDArray[Any]:
        """Branch `name`, which has one number in each entry, shape (n,)."""
        counts, values = self.flat(name)
        if (counts != 1).any():
            msg = f"{self.path}, entry {self.start + int(np.argmax(counts != 1))}: {name} is not one number"
            raise DataError(msg)
        return values

    def _flattened(self, name: str) -> tuple[NDArray[np.int64], NDArray[Any]]:
        array = self._arrays[name]
        awkward = require("awkward")
        if array.ndim == 1:
            return np.ones(self.n, np.int64), np.asarray(array)
        return np.asarray(awkward.num(array), dtype=np.int64), np.asarray(awkward.flatten(array))


@dataclass(frozen=True)
class Tree:
    """A tree of an open file; made by `root_trees`."""

    path: Path
    name: str
    _source: Any

    @cached_property
    def branches(self) -> frozenset[str]:
        """Full names of all branches."""
        with damage(self.path, _KIND):
            return frozenset(self._source.keys(recursive=True, full_paths=True))

    @cached_property
    def n(self) -> int:
        """Number of entries.

        Raises
        ------
        DataError
            If the tree declares more entries than a file of this size can hold.
        """
        with damage(self.path, _KIND):
            declared = int(self._source.num_entries)
        size = self.path.stat().st_size
        if not 0 <= declared * _BYTES_PER_ENTRY <= size:
            msg = f"{self.path} is damaged: {self.name} declares {declared} entries in a file of {size} bytes"
            raise DataError(msg)
        return declared

    def iterate(self, names: Collection[str], chunk: int) -> Iterator[Chunk]:
        """Entries in chunks of at most `chunk`, of the branches `names` only.

        Raises
        ------
        SchemaError
            If a branch is absent.
        DataError
            If the file is damaged.
        """
        groups = self._siblings(names)
        streams = [self._stream(group, chunk) for group in groups]
        for start in range(0, self.n, chunk):
            n = min(chunk, self.n - start)
            arrays: dict[str, Any] = {}
            for group, stream in zip(groups, streams, strict=True):
                with damage(self.path, _KIND):
                    read = next(stream, {})
                arrays |= {name: read[branch.name] for name, branch in group.items() if branch.name in read}
            self._check_lengths(names, arrays, start, n)
            yield Chunk(self.path, start, n, arrays)

    def _siblings(self, names: Collection[str]) -> list[dict[str, Any]]:
        """Branches by full name, in groups that have one parent: uproot reads those together, basket by basket."""
        groups: dict[int, dict[str, Any]] = {}
        for name in names:
            if name not in self.branches:
                msg = f"{self.path}: {self.name} has no branch {name!r}; {nearest(name, self.branches)}"
                raise SchemaError(msg)
            with damage(self.path, _KIND):
                branch = self._source[name]
                groups.setdefault(id(branch.parent), {})[name] = branch
        return list(groups.values())

    def _stream(self, group: Mapping[str, Any], chunk: int) -> Iterator[dict[str, Any]]:
        chosen = {id(branch) for branch in group.values()}
        with damage(self.path, _KIND):
            parent = next(iter(group.values())).parent
            stream: Iterator[dict[str, Any]] = parent.iterate(
                filter_branch=lambda branch: id(branch) in chosen, step_size=chunk, how=dict
            )
        return stream

    def _check_lengths(self, names: Iterable[str], arrays: Mapping[str, Any], start: int, n: int) -> None:
        for name in names:
            received = len(arrays.get(name, ()))
            if received != n:
                msg = f"{self.path} is damaged: {name} has {received} of the entries {start} to {start + n - 1}"
                raise DataError(msg)


@contextmanager
def root_trees(path: Path) -> Iterator[dict[str, Tree]]:
    """The trees of the ROOT file `path` by their full names, without cycle numbers.

    Raises
    ------
    DataError
        If there is no such file, or it is no ROOT file, or damaged.
    ToolNotFoundError
        If uproot is not installed.
    """
    if not is_root_file(path):
        msg = f"{path} is not a ROOT file" if path.is_file() else f"{path} is not a file"
        raise DataError(msg)
    uproot = require("uproot")
    with damage(path, _KIND):
        # neither a memory map, which kills the process if the file shrinks, nor the event loop of fsspec, which forks badly
        file = uproot.open({str(path): None}, handler=uproot.MultithreadedFileSource, num_workers=1)
    try:
        with damage(path, _KIND):
            kinds = file.classnames(recursive=True, cycle=False)
            trees = {name: Tree(path, name, file[name]) for name, kind in kinds.items() if kind == "TTree"}
        yield trees
    finally:
        file.close()


def missing_branches(wanted: Iterable[str], present: Iterable[str]) -> list[str]:
    """Branches of `wanted` that are not among those `present`, in order and once each."""
    there = set(present)
    return [name for name in dict.fromkeys(wanted) if name not in there]
