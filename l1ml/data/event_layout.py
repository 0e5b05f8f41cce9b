"""The event file: HDF5, words and their meaning together. This text is the specification.

Layout, version 2::

    /                   attributes, UTF-8 text of fixed length unless stated:
        format          "l1ml-events"
        format_version  2 (integer)
        schema          JSON: name, version, objects with their fields on hardware scales and their real quantities
        schema_digest   SHA-256 of the schema
        processes       JSON list of names; one where all crossings are of one process
        provenance      JSON: who made it, with what, from which seed; from which files, with their digests
        n_events        integer
        complete        1, or 0 while it is being written
    /collections/<object>/hw_<field>   words, shape (n_events, n_slots): int8, int16, int32 or int64, whichever is the smallest
                                       that holds the scale; words of one bit are int8
    /collections/<object>/<real>       float32, shape (n_events, n_slots), in the unit that the schema states
    /collections/<object>/valid        bool, shape (n_events, n_slots): which slots hold an object; only where a zero pt word
                                       does not say so
    /weight                            float64, shape (n_events,): share of the process that the crossing stands for
    /event, /group                     uint64, shape (n_events,): identity; copies of one hard collision share a group
    /truth/<name>                      float32, shape (n_events,), GeV: generator quantities; pileup is a number, the mean
                                       of the collisions of the crossing (mu), there where not all crossings have the same
    /crossing/<name>                   int64, shape (n_events,): any of run, luminosity_block, orbit, bx (0 to 3563), process
                                       (index into the attribute `processes`), collisions (inelastic ones in the crossing)
    /digests                           uint8, shape (ceil(n_events / 8192), 32): SHA-256 of each block of 8192 rows, over all
                                       columns; see `l1ml.data.block_digests`

Columns are chunked by rows, little endian, with the filters shuffle, lzf and fletcher32, or with fletcher32 alone; the HDF5
format is that of version 1.10, which has a checksum on every table. Writing with shuffle and lzf takes about half the time of
gzip at its lowest level, for files a fifth larger (``tests/benchmarks/test_event_file_speed.py``).
No times are stored: equal content written in equal batches makes equal bytes.

A file is written under ``<name>.part`` and gets its name when it is complete: a file of the final name is whole. Each batch
goes through a journal (`l1ml.data.journalled_file`), so that what a killed writer leaves opens up to its last batch;
``l1ml data recover`` makes a file of it, and no other reader accepts it.

Version 1 had no masks, crossings, reals, digests or `complete`, one attribute `process` in place of `processes`, words of 16
or 32 bits, and no checksums. It is still read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.schema import EventSchema, ObjectSchema
from l1ml.errors import SchemaError, nearest
from l1ml.hardware import HardwareScale

__all__ = [
    "BLOCK_ROWS",
    "FORMAT",
    "FORMAT_VERSION",
    "IDENTITY",
    "as_text",
    "chunk_rows",
    "disk_columns",
    "is_bits",
    "memory_type",
    "part_path",
    "schema_columns",
    "selected_schema",
    "text_of",
    "word_type",
]

FORMAT = "l1ml-events"
FORMAT_VERSION = 2
BLOCK_ROWS = 8192
"""Rows of a block: the unit of digests and of shuffling, and the largest chunk."""

IDENTITY = ("weight", "event", "group")
_CHUNK_BYTES = 1 << 20


def part_path(path: Path) -> Path:
    """Where the file `path` is while it is being written."""
    return path.with_name(f"{path.name}.part")


def text_of(value: Any) -> str:
    """Text of an attribute, stored with fixed (version 2) or variable length (version 1)."""
    return value.decode() if isinstance(value, bytes) else str(value)


def word_type(scale: HardwareScale) -> np.dtype[Any]:
    """Smallest signed integer type that holds every word of `scale`; one bit fits where the sign would be, as 0 and 1."""
    n_bits = scale.n_bits + (not scale.signed)
    return next(np.dtype(f"<i{size}") for size in (1, 2, 4, 8) if n_bits <= 8 * size)


def memory_type(item: ObjectSchema, scale: HardwareScale) -> np.dtype[Any]:
    """Type of words in `Events`: int32 as a rule, int8 for rows of bits, int64 where 32 bits are too few."""
    return np.dtype(np.int8) if is_bits(item) else max(np.dtype(np.int32), word_type(scale))


def is_bits(item: ObjectSchema) -> bool:
    """Whether an object is a row of single bits, such as the algorithms of a menu."""
    return len(item.columns) == 1 and len(item.fields) == 1 and item.fields[0].scale.n_bits == 1


def chunk_rows(row_bytes: int, most: int = BLOCK_ROWS) -> int:
    """Rows of a chunk: at most `most`, about a mebibyte."""
    return max(1, min(most, _CHUNK_BYTES // row_bytes))


def schema_columns(schema: EventSchema) -> dict[str, tuple[int, np.dtype[Any]]]:
    """Slots and type on disk of each column of the objects, by the name of its dataset."""
    columns: dict[str, tuple[int, np.dtype[Any]]] = {}
    for item in schema.objects:
        for entry in item.fields:
            columns[f"collections/{item.name}/{entry.column}"] = item.n_slots, word_type(entry.scale)
        for real in item.reals:
            columns[f"collections/{item.name}/{real.column}"] = item.n_slots, np.dtype("<f4")
    return columns


def disk_columns(events: Events) -> Iterator[tuple[str, NDArray[Any]]]:
    """Dataset name and values, as they stand on disk, of every column."""
    for name, (_, kind) in schema_columns(events.schema).items():
        _, item, column = name.split("/")
        yield name, events.collections[item][column].astype(kind, copy=False)
    for name, mask in events.masks.items():
        yield f"collections/{name}/valid", mask.astype(np.bool_, copy=False)
    yield "weight", events.weight.astype("<f8", copy=False)
    yield "event", events.event.astype("<u8", copy=False)
    yield "group", events.group.astype("<u8", copy=False)
    for name, values in events.truth.items():
        yield f"truth/{name}", values.astype("<f4", copy=False)
    for name, numbers in events.crossing.items():
        yield f"crossing/{name}", numbers.astype("<i8", copy=False)


def selected_schema(schema: EventSchema, objects: Any) -> EventSchema:
    """`schema` with the chosen objects only: a list of names, or a mapping of name to the columns to keep."""
    if objects is None:
        return schema
    chosen = tuple(_selected(schema.object(name), None if isinstance(objects, Sequence) else objects[name]) for name in objects)
    return EventSchema(schema.name, schema.version, chosen, tuple(name for name in schema.inputs if name in objects))


def _selected(item: ObjectSchema, columns: Sequence[str] | None) -> ObjectSchema:
    """`item` with the chosen columns only."""
    if columns is None:
        return item
    for column in columns:
        if column not in item.columns:
            msg = f"{item.name} has no column {column!r}; {nearest(column, item.columns)}"
            raise SchemaError(msg)
    fields = tuple(entry for entry in item.fields if entry.column in columns)
    reals = tuple(entry for entry in item.reals if entry.column in columns)
    return ObjectSchema(item.name, item.n_slots, fields, reals)


def as_text(value: object) -> np.bytes_:
    """`value` as JSON of fixed length, which HDF5 keeps beside its checksum."""
    return np.bytes_((value if isinstance(value, str) else json.dumps(value, sort_keys=True)).encode())
