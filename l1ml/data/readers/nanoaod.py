"""CMS NanoAOD (versions 5 to 15, and custom ones): trigger objects, trigger bits, and what the generator made.

Every event is one crossing, the triggered one or (`bx`) a neighbour of it; the columns ``crossing`` are those of the triggered
one. `event` is the event number (the entry number where the file has none), `group` the same, `weight` is ``genWeight`` or 1.

* ``egamma``, ``muon``, ``tau``, ``jet`` (as many slots as the Global Trigger has inputs) and the energy sums ``ett``, ``htt``,
  ``etm``, ``htm``, ``etmhf``... carry the real quantities of the file and the words of the Global Trigger, by the names of
  `l1ml.hardware.ugt_layouts`. Words are those of the file where it has them (``L1EG_hwPt``). Otherwise they are told from the
  reals, only where these stand on the grid of the hardware: the first entries decide, a later value off the grid is an error.
  Coordinates of a muon are those at the vertex, on which menus cut; ``eta_out`` and ``phi_out`` are those of the file.
* ``l1_bits`` are the branches ``L1_*``, in alphabetical order, by the names of the slots.
* ``gen_particle``, ``gen_jet`` and ``gen_met`` are in the order of the file, with as many slots as its fullest event needs.

What NanoAOD leaves out cannot be read back: central files keep e/gammas from 10 GeV, jets from 30, taus from 24 and muons from
3 on, those of the triggered crossing only, and no counts (towers, minimum bias, centrality). Rates below these thresholds are
wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.readers.nanoaod_contents import BITS, Contents, bits_of, contents_of
from l1ml.data.readers.nanoaod_layout import SUM_TYPE, SUMS, generated_branches, level1_branches
from l1ml.data.readers.reader import Reader
from l1ml.data.readers.root_trees import Chunk, Tree, is_root_file, root_trees
from l1ml.data.schema import EventSchema
from l1ml.errors import DataError, SchemaError

__all__ = ["BITS", "READER", "iterate_nanoaod", "missing_of", "schema_of"]

_TREE = "Events"
_DEFAULT_CHUNK = 10_000


def schema_of(
    path: Path, *, bx: int = 0, objects: Sequence[str] | None = None, slots: Mapping[str, int] | None = None
) -> EventSchema:
    """Schema of the file `path`; parameters and errors as for `iterate_nanoaod`."""
    with root_trees(path) as trees:
        return contents_of(_tree(trees, path), bx, objects, slots).schema


def missing_of(path: Path, *, bx: int = 0) -> tuple[str, ...]:
    """What the reader knows of and the file `path` lacks: branches, and words that cannot be told."""
    with root_trees(path) as trees:
        return contents_of(_tree(trees, path), bx, None, None).missing


def iterate_nanoaod(
    path: Path,
    *,
    chunk: int = _DEFAULT_CHUNK,
    bx: int = 0,
    objects: Sequence[str] | None = None,
    slots: Mapping[str, int] | None = None,
) -> Iterator[Events]:
    """Events of the file `path` in batches of at most `chunk`; only branches that are needed are read.

    Parameters
    ----------
    path : Path
        The file.
    chunk : int
        Most events of a batch.
    bx : int
        Crossing of the trigger objects, 0 being the one that was triggered.
    objects : sequence of str, optional
        Which objects to read; by default all that the file has.
    slots : mapping of str to int, optional
        Slots of generator objects, of which the first ones are then kept; by default enough for all of them.

    Raises
    ------
    SchemaError
        If the file is no NanoAOD, or has no such object.
    DataError
        If it is damaged, or a value has no word.
    """
    with root_trees(path) as trees:
        tree = _tree(trees, path)
        contents = contents_of(tree, bx, objects, slots)
        schema = contents.schema
        for part in tree.iterate(contents.branches, chunk):
            _refuse_new_sums(part, contents.types)
            yield _events(part, contents, schema)


def _events(part: Chunk, contents: Contents, schema: EventSchema) -> Events:
    """One batch."""
    collections, masks = {}, {}
    for item in contents.objects:
        collections[item.name], valid = item.read(part)
        if item.masked:
            masks[item.name] = valid
    if contents.bits:
        bits = np.empty((part.n, len(contents.bits)), np.int8)
        for slot, name in enumerate(contents.bits):
            bits[:, slot] = part.column(name)
        collections[BITS] = {"hw_bit": bits}
    event = np.arange(part.start, part.start + part.n) if contents.event is None else part.column(contents.event)
    weight = np.ones(part.n) if contents.weight is None else part.column(contents.weight).astype(np.float64)
    crossing: dict[str, NDArray[np.int64]] = {
        name: part.column(branch).astype(np.int64) for name, branch in contents.crossing.items()
    }
    numbers = event.astype(np.uint64)
    return Events(schema, collections, weight, numbers, numbers, masks=masks, crossing=crossing)


def _tree(trees: Mapping[str, Tree], path: Path) -> Tree:
    if _TREE not in trees:
        msg = f"{path} is no NanoAOD: it has no tree {_TREE!r} but {', '.join(sorted(trees)) or 'none at all'}"
        raise SchemaError(msg)
    return trees[_TREE]


def _refuse_new_sums(part: Chunk, types: frozenset[int]) -> None:
    """Refuse an energy sum that the first entries did not have: the schema is without it."""
    if not types:
        return
    kinds = part.flat(SUM_TYPE)[1]
    new = [int(kind) for kind in np.unique(kinds) if int(kind) in SUMS and int(kind) not in types]
    if new:
        msg = f"{part.path}: {SUM_TYPE} {new[0]} first appears after entry {part.start}; name the objects to read without it"
        raise DataError(msg)


def _describe(path: Path) -> dict[str, Any]:
    """For ``l1ml data info``."""
    with root_trees(path) as trees:
        tree = _tree(trees, path)
        contents = contents_of(tree, 0, None, None)
        objects = contents.schema.to_dict()["objects"]
        return {"n_events": tree.n, "objects": objects, "missing": list(contents.missing)}


def _sniff(path: Path) -> bool:
    if not is_root_file(path):
        return False
    known = {*level1_branches(), *generated_branches()}
    try:
        with root_trees(path) as trees:
            return _TREE in trees and bool(known & trees[_TREE].branches or bits_of(trees[_TREE]))
    except DataError:
        return False


READER = Reader(
    "nanoaod", "CMS NanoAOD: trigger objects, trigger bits, generator", (".root",), _sniff, iterate_nanoaod, _describe
)
