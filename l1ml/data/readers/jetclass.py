"""Jets in the ROOT layout of JetClass (arXiv:2202.03772): one tree, lists ``part_*``, numbers ``jet_*``, classes ``label_*``.

The object "jet" has every number ``jet_*``, "constituent" every list ``part_*``, in the order of the file, less the prefix.
Flags ``part_is*`` are one-bit words and ``part_charge`` is a word; all else is float32. The class is the process of the crossing,
``label_`` taken off. ``aux_*`` are left out. The file has no event number: the identity of a jet is its entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.readers.batches import as_reals, class_of_rows, numbered, padded, quantity_names
from l1ml.data.readers.reader import Reader
from l1ml.data.readers.root_trees import Chunk, Tree, is_root_file, root_trees
from l1ml.data.readers.rows import batch_rows
from l1ml.data.schema import EventSchema, Field, ObjectSchema, RealField
from l1ml.errors import DataError, SchemaError
from l1ml.hardware import HardwareScale

__all__ = ["READER", "iterate_jetclass", "schema_of"]

_NEEDED = ("part_px", "part_py", "part_pz", "part_energy")
_OPTIONAL = (
    *("part_deta", "part_dphi", "part_d0val", "part_d0err", "part_dzval", "part_dzerr", "part_charge", "part_isChargedHadron"),
    *("part_isNeutralHadron", "part_isPhoton", "part_isElectron", "part_isMuon", "jet_pt", "jet_eta", "jet_phi", "jet_energy"),
    *("jet_nparticles", "jet_sdmass", "jet_tau1", "jet_tau2", "jet_tau3", "jet_tau4"),
)
_FLAG, _CHARGE = HardwareScale(1, 1), HardwareScale(1, 3, signed=True)
_UNITS = dict.fromkeys(("px", "py", "pz", "pt", "energy", "sdmass", "mass"), "GeV")
_MOST_SLOTS = 1 << 14


@dataclass(frozen=True)
class _Layout:
    """Branches of a tree by what they are, and the slots of a jet."""

    tree: Tree
    parts: tuple[str, ...]
    jets: tuple[str, ...]
    labels: tuple[str, ...]
    slots: int

    @property
    def schema(self) -> EventSchema:
        """One object per kind of branch."""
        groups = {"jet": (1, self.jets), "constituent": (self.slots, self.parts)}
        objects = []
        for name, (n_slots, branches) in groups.items():
            words = tuple(Field(_own(item), scale) for item in branches if (scale := _scale(item)) is not None)
            reals = tuple(RealField(_own(item), _UNITS.get(_own(item), "")) for item in branches if _scale(item) is None)
            objects += [ObjectSchema(name, n_slots, words, reals)] if branches else []
        return EventSchema("jetclass", 1, tuple(objects))

    @property
    def branches(self) -> tuple[str, ...]:
        """Every branch that is read."""
        return (*self.parts, *self.jets, *self.labels)


def _own(branch: str) -> str:
    """Name of a branch without its prefix."""
    return branch.split("_", maxsplit=1)[1]


def _scale(branch: str) -> HardwareScale | None:
    """Scale of a branch of words; None for a real quantity."""
    if branch == "part_charge":
        return _CHARGE
    return _FLAG if branch.startswith("part_is") else None


def _layout(trees: dict[str, Tree], path: Path, slots: int | None) -> _Layout:
    tree = next((tree for tree in trees.values() if set(_NEEDED) <= tree.branches), None)
    if tree is None:
        msg = f"{path} has no tree with the branches {', '.join(_NEEDED)}; it has the trees {', '.join(trees) or 'none'}"
        raise SchemaError(msg)
    kinds = {
        prefix: tuple(sorted(name for name in tree.branches if name.startswith(prefix))) for prefix in ("part_", "jet_", "label_")
    }
    for prefix, names in kinds.items():
        quantity_names([_own(name) for name in names], len(names), "", f"{path}: {prefix}")
    found = _most_constituents(tree) if slots is None else slots
    if not 1 <= found <= _MOST_SLOTS:
        msg = f"{path}: {found} slots for the constituents of a jet, expected 1 to {_MOST_SLOTS}"
        raise DataError(msg)
    return _Layout(tree, kinds["part_"], kinds["jet_"], kinds["label_"], found)


def _most_constituents(tree: Tree) -> int:
    """Constituents of the largest jet: one list is read through."""
    most = 1
    for chunk in tree.iterate(_NEEDED[:1], 1 << 14):
        most = max(most, int(_counts(chunk).max(initial=1)))
    return most


def _counts(part: Chunk) -> NDArray[np.int64]:
    """Constituents of each jet.

    Raises
    ------
    DataError
        If a damaged file makes them something else than the lengths of lists.
    """
    counts, values = part.flat(_NEEDED[0])
    if counts.min(initial=0) < 0 or counts.sum() != len(values):
        msg = f"{part.path} is damaged: the lists {_NEEDED[0]} of the entries from {part.start} on have no lengths"
        raise DataError(msg)
    return counts


def schema_of(path: Path, *, slots: int | None = None) -> EventSchema:
    """Schema of the file `path`; for the option see `iterate_jetclass`."""
    with root_trees(path) as trees:
        return _layout(trees, path, slots).schema


def iterate_jetclass(path: Path, *, chunk: int = 8192, slots: int | None = None, truncate: bool = False) -> Iterator[Events]:
    """Jets of the file `path`, batch after batch.

    Parameters
    ----------
    path : Path
        A ROOT file.
    chunk : int
        Most jets of a batch.
    slots : int, optional
        Constituents of a jet that there is room for; by default those of the largest jet, for which one list is read through
        first.
    truncate : bool
        Whether constituents beyond the slots are left out; otherwise they are an error.

    Raises
    ------
    SchemaError
        If the file has no such tree.
    DataError
        If it is damaged, lists of one jet differ in length, a value is not finite, or a jet has no class.
    ToolNotFoundError
        If uproot is not installed.
    """
    with root_trees(path) as trees:
        layout = _layout(trees, path, slots)
        step = batch_rows(chunk, 4 * layout.slots * len(layout.parts))
        for part in layout.tree.iterate(layout.branches, step):
            yield _events(layout, part, truncate=truncate)


def _events(layout: _Layout, part: Chunk, *, truncate: bool) -> Events:
    counts = _counts(part)
    if not truncate and counts.max(initial=0) > layout.slots:
        entry = int(np.argmax(counts > layout.slots))
        msg = f"{part.path}, entry {part.start + entry}: {counts[entry]} constituents, {layout.slots} slots; pass truncate=True"
        raise DataError(msg)
    rank = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    keep, kept = rank < layout.slots, np.minimum(counts, layout.slots)
    collections: dict[str, dict[str, NDArray[Any]]] = {"constituent": {}}
    for branch in layout.parts:
        own, values = part.flat(branch)
        if (own != counts).any():
            entry = int(np.argmax(own != counts))
            msg = f"{part.path}, entry {part.start + entry}: {branch} has {own[entry]} values, {_NEEDED[0]} has {counts[entry]}"
            raise DataError(msg)
        name, column = _column(branch, values[keep], part)
        collections["constituent"][name] = padded(kept, column, layout.slots, column.dtype.type)
    if layout.jets:
        columns = {branch: part.column(branch) for branch in layout.jets}
        collections["jet"] = {
            _own(name): as_reals(values, f"{part.path}: {name}", part.start)[:, None] for name, values in columns.items()
        }
    masks = {"constituent": np.arange(layout.slots) < kept[:, None]}
    process = _process(layout, part)
    names = tuple(_own(name) for name in layout.labels)
    return numbered(layout.schema, collections, part.start, part.n, masks=masks, process=process, processes=names)


def _column(branch: str, values: NDArray[Any], part: Chunk) -> tuple[str, NDArray[Any]]:
    """Name and values of a column of constituents, one after the other."""
    scale = _scale(branch)
    where = f"{part.path}: {branch}, entries {part.start} to {part.start + part.n - 1}"
    if scale is None:
        return _own(branch), as_reals(values, where, 0)
    known = (values >= scale.min_word) & (values <= scale.max_word) & (values == np.floor(values))
    if not known.all():
        msg = f"{where}: {values[np.argmin(known)]} is not a word of {scale.n_bits} bits"
        raise DataError(msg)
    return f"hw_{_own(branch)}", values.astype(np.int8 if scale.n_bits == 1 else np.int32)


def _process(layout: _Layout, part: Chunk) -> NDArray[np.int64] | None:
    if not layout.labels:
        return None
    if len(layout.labels) == 1:
        msg = f"{part.path} has one class, {layout.labels[0]}; expected one label_* branch per class"
        raise SchemaError(msg)
    flags = np.stack([part.column(name) for name in layout.labels], axis=1)
    return class_of_rows(flags, len(layout.labels), f"{part.path}: label_*", part.start)


def _sniff(path: Path) -> bool:
    if not is_root_file(path):
        return False
    try:
        with root_trees(path) as trees:
            return any(set(_NEEDED) <= tree.branches for tree in trees.values())
    except DataError:
        return False


def _describe(path: Path) -> dict[str, Any]:
    with root_trees(path) as trees:
        layout = _layout(trees, path, None)
        there = layout.tree.branches
        # lists come with a branch of their lengths
        used = {*layout.branches, *(f"n{name}" for name in layout.parts)}
        return {
            "n_events": layout.tree.n,
            "objects": layout.schema.to_dict()["objects"],
            "missing": [name for name in _OPTIONAL if name not in there] + ([] if layout.labels else ["label_*"]),
            "classes": [_own(name) for name in layout.labels],
            "left_out": sorted(there - used),
        }


READER = Reader(
    name="jetclass",
    title="JetClass jets, ROOT tree of part_*, jet_* and label_*",
    suffixes=(".root",),
    sniff=_sniff,
    iterate=iterate_jetclass,
    describe=_describe,
)
