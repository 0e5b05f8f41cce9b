"""CMS L1Ntuple: trigger objects as integer words, calorimeter cells, and the decisions of the Global Trigger.

One `source` is read at a time, the recorded words ("unpacked") or those that CMSSW's emulator made of the recorded trigger
primitives ("emulated"); both give the same objects:

* ``muon``, ``egamma``, ``tau``, ``jet`` and the sums, with slots and fields of `l1ml.hardware.ugt_layouts`, of the triggered
  crossing or (`bx`) a neighbour. A muon's charge is known, but not whether it was valid: there is no ``charge_valid``.
* ``tower``, ``ecal_primitive``, ``hcal_primitive``: cells with energy, as many slots as the fullest event needs. There are none
  of a neighbouring crossing.
* ``algorithm``, ``algorithm_prescaled``, ``algorithm_final``: 512 bits at the three points of the Global Trigger; ``final_or``.

`event` is the event number, `group` the same, ``crossing`` that which was triggered. The orbit and crossing numbers of the
decision trees are not read: the unpacker does not fill them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.readers.l1ntuple_contents import Contents, contents_of
from l1ml.data.readers.l1ntuple_layout import EVENT, EVENT_TREE, SOURCES, decision_tree, level1_tree
from l1ml.data.readers.reader import Reader
from l1ml.data.readers.root_trees import Chunk, has_tree, root_trees
from l1ml.data.schema import EventSchema

__all__ = ["READER", "Source", "iterate_l1ntuple", "missing_of", "schema_of"]

Source = Literal["unpacked", "emulated"]

_DEFAULT_CHUNK = 2000


def schema_of(path: Path, *, source: Source = "unpacked", bx: int = 0, objects: Sequence[str] | None = None) -> EventSchema:
    """Schema of the file `path`; parameters and errors as for `iterate_l1ntuple`."""
    with root_trees(path) as trees:
        return contents_of(path, trees, source, bx, objects).schema


def missing_of(path: Path, *, source: Source = "unpacked", bx: int = 0) -> tuple[str, ...]:
    """Trees and branches that the reader knows of and the file `path` lacks."""
    with root_trees(path) as trees:
        return contents_of(path, trees, source, bx, None).missing


def iterate_l1ntuple(
    path: Path,
    *,
    chunk: int = _DEFAULT_CHUNK,
    source: Source = "unpacked",
    bx: int = 0,
    objects: Sequence[str] | None = None,
) -> Iterator[Events]:
    """Events of the file `path` in batches of at most `chunk`; only branches that are needed are read.

    Parameters
    ----------
    path : Path
        The file.
    chunk : int
        Most events of a batch.
    source : "unpacked" or "emulated"
        Which set of trees.
    bx : int
        Crossing of the trigger objects, 0 being the one that was triggered.
    objects : sequence of str, optional
        Which objects to read; by default all that the file has.

    Raises
    ------
    ConfigError
        If there is no such source.
    SchemaError
        If the file is no L1Ntuple, or has no such object.
    DataError
        If it is damaged, trees that belong together differ in length, or a word does not fit into its width.
    """
    with root_trees(path) as trees:
        contents = contents_of(path, trees, source, bx, objects)
        schema = contents.schema
        streams = {name: trees[name].iterate(branches, chunk) for name, branches in contents.branches.items()}
        for parts in zip(*streams.values(), strict=True):
            yield _events(dict(zip(streams, parts, strict=True)), contents, schema)


def _events(parts: dict[str, Chunk], contents: Contents, schema: EventSchema) -> Events:
    """One batch."""
    collections, masks = {}, {}
    for tree, items in contents.objects.items():
        for item in items:
            collections[item.name], valid = item.read(parts[tree])
            if item.masked:
                masks[item.name] = valid
    first = next(iter(parts.values()))
    event: NDArray[Any] = np.arange(first.start, first.start + first.n)
    if contents.has_event:
        event = parts[EVENT_TREE].column(EVENT)
    crossing = {name: parts[EVENT_TREE].column(branch).astype(np.int64) for name, branch in contents.crossing.items()}
    numbers = event.astype(np.uint64)
    return Events(schema, collections, np.ones(first.n), numbers, numbers, masks=masks, crossing=crossing)


def _describe(path: Path) -> dict[str, Any]:
    """For ``l1ml data info``: of the first source that the file has; ``sources`` names all."""
    with root_trees(path) as trees:
        sources = [name for name in SOURCES if level1_tree(name) in trees or decision_tree(name) in trees]
        contents = contents_of(path, trees, (sources or ["unpacked"])[0], 0, None)
        objects = contents.schema.to_dict()["objects"]
        return {"n_events": contents.n, "objects": objects, "sources": sources, "missing": list(contents.missing)}


def _sniff(path: Path) -> bool:
    return has_tree(path, *(tree(source) for source in SOURCES for tree in (level1_tree, decision_tree)))


READER = Reader(
    "l1ntuple", "CMS L1Ntuple: trigger words, calorimeter cells, trigger bits", (".root",), _sniff, iterate_l1ntuple, _describe
)
