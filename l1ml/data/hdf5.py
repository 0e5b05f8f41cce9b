"""The event file: HDF5, one file per process, words and their meaning together.

Layout, version 1::

    /                   attributes: format = "l1ml-events", format_version, schema (JSON), schema_digest, process,
                        provenance (JSON: who made it, with what, from which seed), n_events
    /collections/<object>/hw_<field>   int16 or int32, shape (n_events, n_slots), chunked, shuffle + lzf
    /weight             float64, shape (n_events,)
    /event, /group      uint64, shape (n_events,)
    /truth/<name>       float32, shape (n_events,), GeV

A file is written under a temporary name and renamed when it is complete, so a file of the final name is whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.schema import EventSchema
from l1ml.errors import DataError, SchemaError
from l1ml.storage import GuardedFile, atomic_path, disk_errors

__all__ = ["FORMAT_VERSION", "EventWriter", "file_info", "iterate_events", "read_events"]

FORMAT = "l1ml-events"
FORMAT_VERSION = 1
_CHUNK = 8192
_IDENTITY = ("weight", "event", "group")


class EventWriter:
    """Append batches of events to a new file; the file appears under its name when the ``with`` block ends well.

    Parameters
    ----------
    path : Path
        File to make; an older one is replaced only at the end.
    schema : EventSchema
        What the batches hold.
    process : str
        Name of the physics process, for instance ``zero_bias``.
    provenance : mapping
        Generator, version, tune, seeds ... (JSON values).
    """

    def __init__(self, path: Path, schema: EventSchema, *, process: str, provenance: Mapping[str, Any]) -> None:
        self._path = path
        self._schema = schema
        self._attributes = {"process": process, "provenance": json.dumps(dict(provenance), sort_keys=True)}
        self._stack = ExitStack()
        self._n = 0

    def __enter__(self) -> Self:
        part = self._stack.enter_context(atomic_path(self._path))
        self._target = self._stack.enter_context(GuardedFile(part, "w+"))
        self._file = self._stack.enter_context(h5py.File(self._target, "w"))
        return self

    def __exit__(self, *error: Any) -> bool | None:
        if error[0] is None:
            header = {
                "format": FORMAT,
                "format_version": FORMAT_VERSION,
                "schema": self._schema.to_json(),
                "schema_digest": self._schema.digest,
                "n_events": self._n,
            }
            self._file.attrs.update({**header, **self._attributes})
            with self._stack, disk_errors(self._path):
                self._file.close()
                self._target.check()
            return None
        return self._stack.__exit__(*error)

    def append(self, events: Events) -> None:
        """Add `events` after validating every word.

        Raises
        ------
        SchemaError
            If the batch has another schema.
        DataError
            If a word is out of its width.
        StorageError
            If the disk is full.
        """
        if events.schema.digest != self._schema.digest:
            msg = f"{self._path.name} holds schema {self._schema.name!r}, received events of {events.schema.name!r}"
            raise SchemaError(msg)
        events.validate()
        with disk_errors(self._path):
            for name, column in _columns(events):
                self._extend(name, column)
            self._file.flush()
            self._target.check()
        self._n += events.n

    def _extend(self, name: str, column: NDArray[Any]) -> None:
        """Append `column` to the dataset `name`, making it at the first batch."""
        if name not in self._file:
            self._file.create_dataset(
                name,
                shape=(0, *column.shape[1:]),
                maxshape=(None, *column.shape[1:]),
                chunks=(_CHUNK, *column.shape[1:]),
                dtype=column.dtype,
                shuffle=True,
                compression="lzf",
            )
        dataset = self._file[name]
        dataset.resize(self._n + len(column), axis=0)
        dataset[self._n :] = column


def _columns(events: Events) -> Iterator[tuple[str, NDArray[Any]]]:
    """Dataset name and values of every column; words take two bytes where they fit."""
    for item in events.schema.objects:
        for entry in item.fields:
            small = entry.scale.n_bits + (not entry.scale.signed) <= np.iinfo(np.int16).bits
            words = events.collections[item.name][entry.column]
            yield f"collections/{item.name}/{entry.column}", words.astype(np.int16 if small else np.int32)
    yield "weight", events.weight
    yield "event", events.event
    yield "group", events.group
    for name, values in events.truth.items():
        yield f"truth/{name}", values


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    """The event file at `path`, checked for format and version."""
    if not path.is_file():
        msg = f"{path} does not exist; make events with: l1ml data generate <model folder>"
        raise DataError(msg)
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        msg = f"{path} is not a readable HDF5 file (truncated or damaged): {error}"
        raise DataError(msg) from error
    with file:
        if file.attrs.get("format") != FORMAT:
            msg = f"{path} is not an l1ml event file: its attribute 'format' is {file.attrs.get('format')!r}, expected {FORMAT!r}"
            raise SchemaError(msg)
        if file.attrs["format_version"] != FORMAT_VERSION:
            msg = f"{path} has format version {file.attrs['format_version']}, this l1ml reads version {FORMAT_VERSION}"
            raise SchemaError(msg)
        yield file


def _schema_of(file: h5py.File, path: Path, expected: EventSchema | None) -> EventSchema:
    """Schema inside `file`, checked against its own digest and against `expected`."""
    schema = EventSchema.from_json(str(file.attrs["schema"]))
    if schema.digest != file.attrs["schema_digest"]:
        msg = f"{path}: the schema digest does not match the schema inside; the file was edited: generate it again"
        raise SchemaError(msg)
    if expected is not None and schema.digest != expected.digest:
        msg = (
            f"{path} holds schema {schema.name!r} version {schema.version} ({schema.digest[:8]}), "
            f"needed {expected.name!r} version {expected.version} ({expected.digest[:8]})"
        )
        raise SchemaError(msg)
    return schema


def _slice(file: h5py.File, schema: EventSchema, rows: slice) -> Events:
    """The crossings `rows` of an open file."""
    collections = {
        item.name: {entry.column: file[f"collections/{item.name}/{entry.column}"][rows].astype(np.int32) for entry in item.fields}
        for item in schema.objects
    }
    truth = {name: values[rows] for name, values in file["truth"].items()} if "truth" in file else {}
    weight, event, group = (file[name][rows] for name in _IDENTITY)
    return Events(schema, collections, weight, event, group, truth)


def iterate_events(path: Path, *, chunk: int = 65536, schema: EventSchema | None = None) -> Iterator[Events]:
    """Batches of at most `chunk` crossings, validated, in file order.

    Parameters
    ----------
    path : Path
        Event file.
    chunk : int
        Crossings per batch; bounds the memory.
    schema : EventSchema, optional
        Refuse a file of another schema.

    Raises
    ------
    DataError
        If the file is missing, empty, damaged, or holds a word outside its width or a NaN.
    SchemaError
        If it is not an event file of this version and schema.
    """
    with _opened(path) as file:
        found = _schema_of(file, path, schema)
        total = int(file.attrs["n_events"])
        if total == 0:
            msg = f"{path} holds no events"
            raise DataError(msg)
        for start in range(0, total, chunk):
            yield _checked_slice(file, found, slice(start, min(start + chunk, total)), path)


def _checked_slice(file: h5py.File, schema: EventSchema, rows: slice, path: Path) -> Events:
    """`_slice` with damage inside the file turned into a DataError that names it."""
    try:
        events = _slice(file, schema, rows)
    except (OSError, KeyError) as error:
        msg = f"{path} is damaged at rows {rows.start}..{rows.stop - 1}: {error}"
        raise DataError(msg) from error
    try:
        events.validate()
    except DataError as error:
        msg = f"{path}, rows from {rows.start}: {error}"
        raise DataError(msg) from error
    return events


def read_events(path: Path, schema: EventSchema | None = None) -> Events:
    """All crossings of the file at `path`; raises as `iterate_events` does."""
    return Events.concatenate(list(iterate_events(path, schema=schema)))


def file_info(path: Path) -> dict[str, Any]:
    """Header of the file at `path`: process, number of events, schema, provenance."""
    with _opened(path) as file:
        schema = _schema_of(file, path, None)
        return {
            "path": str(path),
            "process": str(file.attrs["process"]),
            "n_events": int(file.attrs["n_events"]),
            "schema": schema.to_dict(),
            "schema_digest": schema.digest,
            "provenance": json.loads(str(file.attrs["provenance"])),
        }
