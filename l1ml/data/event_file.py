"""Reading event files: headers, slices, chosen columns, batches; see `l1ml.data.event_layout` for what is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from l1ml.data.event_header import read_header
from l1ml.data.event_layout import (
    BLOCK_ROWS,
    IDENTITY,
    memory_type,
    part_path,
    schema_columns,
    selected_schema,
)
from l1ml.data.events import Events
from l1ml.data.journalled_file import JournalledFile
from l1ml.data.schema import EventSchema, Field, ObjectSchema
from l1ml.errors import DataError, SchemaError

__all__ = ["EventFile", "Objects", "file_info", "iterate_events", "read_events"]

Objects = Sequence[str] | Mapping[str, Sequence[str]] | None
"""Which collections to read: names, or names with their columns; None for all."""

_DAMAGE = (OSError, KeyError, ValueError, TypeError, RuntimeError, MemoryError, OverflowError)
"""What h5py raises where a file does not say what its tables promise."""

_MOST_CHUNK_BYTES = 1 << 28


class EventFile:
    """An event file, open for reading; rows are read when they are asked for.

    Parameters
    ----------
    path : Path
        The file.
    schema : EventSchema, optional
        Refuse a file of another schema.
    unfinished : bool
        Accept what a killed writer left (``<name>.part``, or `path` where only that is there) as a recovery would make it.

    Raises
    ------
    DataError
        If the file is missing, unfinished or damaged.
    SchemaError
        If it is not an event file of a version that is known, or has another schema.

    Examples
    --------
    ::

        with EventFile(path) as file:
            first = file[:1000]
            momenta = file.read(slice(0, 1000), {"jet": ["hw_pt"]})
            for events in file.iterate(65536):
                ...
    """

    def __init__(self, path: Path, *, schema: EventSchema | None = None, unfinished: bool = False) -> None:
        self.path = path
        self._stack = ExitStack()
        with self._stack:
            self._file = self._open(unfinished=unfinished)
            with self._damage("header"):
                header = read_header(self._file, self.path)
                self.version, self.schema, self.processes = header.version, header.schema, header.processes
                self.provenance, self._n = header.provenance, header.n_events
                self.complete = header.complete and not self._is_part
                self._check_schema(schema)
                self._columns = self._read_columns()
            if not self.complete and not unfinished:
                msg = f"{path} is unfinished: its writer was killed or is at work; see: l1ml data recover {path}"
                raise DataError(msg)
            self._stack = self._stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._stack.close()

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, rows: slice) -> Events:
        return self.read(rows)

    @property
    def columns(self) -> Mapping[str, h5py.Dataset]:
        """Every column by the name of its dataset."""
        return MappingProxyType(self._columns)

    @cached_property
    def digest(self) -> str | None:
        """SHA-256 of the digests of all blocks: of what the rows hold. A file of version 1 has none."""
        if self.version == 1:
            return None
        return hashlib.sha256(self.block_digests().tobytes()).hexdigest()

    @property
    def info(self) -> dict[str, Any]:
        """Header as JSON values."""
        optional = [name for name in self._columns if name not in {*schema_columns(self.schema), *IDENTITY}]
        return {
            "path": str(self.path),
            "format": "l1ml",
            "format_version": self.version,
            "complete": self.complete,
            "process": ", ".join(self.processes),
            "processes": list(self.processes),
            "n_events": self._n,
            "schema": self.schema.to_dict(),
            "schema_digest": self.schema.digest,
            "optional_columns": optional,
            "digest": self.digest,
            "provenance": self.provenance,
        }

    @property
    def origin(self) -> dict[str, Any]:
        """What a file made of this one says about it: JSON values."""
        return {"file": self.path.name, "digest": self.digest, "n_events": self._n, "provenance": self.provenance}

    def block_digests(self) -> NDArray[np.uint8]:
        """What the writer said about each block of rows, shape (n_blocks, 32); no blocks in a file of version 1."""
        if "digests" not in self._file:
            return np.zeros((0, 32), np.uint8)
        with self._damage("digests"):
            digests: NDArray[np.uint8] = self._file["digests"][: -(-self._n // BLOCK_ROWS)]
        return digests

    def column(self, name: str, rows: slice) -> NDArray[Any]:
        """One column as it stands on disk."""
        with self._damage(f"{name}, rows from {rows.start or 0}"):
            values: NDArray[Any] = self._columns[name][rows]
        return values

    def read(self, rows: slice = slice(None), objects: Objects = None) -> Events:
        """Crossings `rows`, validated.

        Parameters
        ----------
        rows : slice
            Without negative steps.
        objects : sequence of str or mapping of str to sequence of str, optional
            Collections to read, or collections with their columns; the events have a schema of these only.

        Raises
        ------
        DataError
            If a row is damaged, out of its width, or not a number.
        SchemaError
            If the file has no such collection or column.
        """
        schema = selected_schema(self.schema, objects)
        start, stop, step = rows.indices(self._n)
        span = slice(start, max(start, stop))
        with self._damage(f"rows {span.start}..{span.stop - 1}"):
            events = self._slice(schema, span)
        with self._wrong(start):
            events.validate()
        return events if step == 1 else events.select(slice(None, None, step))

    def read_words(self, rows: slice) -> Events:
        """Words and numbers of the crossings `rows`, validated, for who asks what a trigger sees: a fifth less to read.

        Words stay in the narrow integers of the file. Weights, groups and truth are not read: weights are NaN, so that nothing
        can be counted with them, each crossing is a group of its own, and there is no truth.

        Parameters
        ----------
        rows : slice
            Of step one.

        Raises
        ------
        DataError
            If a row is damaged or out of its width.
        """
        start, stop, _ = rows.indices(self._n)
        span = slice(start, max(start, stop))
        with self._damage(f"rows {span.start}..{span.stop - 1}"):
            events = self._slice(self.schema, span, words_only=True)
        with self._wrong(start):
            events.validate_words()
        return events

    def take(self, rows: ArrayLike, objects: Objects = None) -> Events:
        """The crossings with the numbers `rows`, in that order; reads each block that has one of them once.

        ``file.take(rng.integers(len(file), size=256))`` is a random batch; `BatchSource` is faster for many of them.
        """
        wanted = np.asarray(rows, dtype=np.int64)
        if wanted.size and not 0 <= wanted.min() <= wanted.max() < self._n:
            msg = f"{self.path} has the rows 0 to {self._n - 1}, asked for {wanted.min()} to {wanted.max()}"
            raise DataError(msg)
        order = np.argsort(wanted, kind="stable")
        blocks = wanted[order] // BLOCK_ROWS
        parts = []
        for block in np.unique(blocks):
            inside = wanted[order][blocks == block] - block * BLOCK_ROWS
            parts.append(self.read(slice(block * BLOCK_ROWS, (block + 1) * BLOCK_ROWS), objects).select(inside))
        if not parts:
            return self.read(slice(0, 0), objects)
        back = np.empty_like(order)
        back[order] = np.arange(order.size)
        return Events.concatenate(parts).select(back)

    def iterate(self, chunk: int = 8 * BLOCK_ROWS, objects: Objects = None) -> Iterator[Events]:
        """Batches of at most `chunk` crossings, as `read` gives them, in file order; `chunk` bounds the memory."""
        for start in range(0, self._n, chunk):
            yield self.read(slice(start, start + chunk), objects)

    @property
    def _is_part(self) -> bool:
        """Whether the name is one that only writers use."""
        return self.path.suffix == ".part"

    def _open(self, *, unfinished: bool) -> h5py.File:
        """The HDF5 file itself."""
        if unfinished and not self.path.is_file() and part_path(self.path).is_file():
            self.path = part_path(self.path)
        if not self.path.is_file():
            left = part_path(self.path).is_file()
            doing = (
                "is unfinished; save its rows with: l1ml data recover"
                if left
                else "does not exist; make events with: l1ml data generate"
            )
            msg = f"{self.path} {doing} {self.path if left else '<model folder>'}"
            raise DataError(msg)
        source: Any = self.path
        if unfinished and self._is_part:
            source = self._stack.enter_context(JournalledFile(self.path, "look"))
        try:
            return self._stack.enter_context(h5py.File(source, "r"))
        except _DAMAGE as error:
            msg = f"{self.path} is not a readable HDF5 file (truncated or damaged): {error}"
            raise DataError(msg) from error

    @contextmanager
    def _damage(self, place: str) -> Iterator[None]:
        """Turn what h5py raises into a DataError that names the place."""
        try:
            yield
        except (DataError, SchemaError):
            raise
        except _DAMAGE as error:
            msg = f"{self.path} is damaged at {place}: {error}"
            raise DataError(msg) from error

    @contextmanager
    def _wrong(self, start: int) -> Iterator[None]:
        """Say of which rows a DataError is."""
        try:
            yield
        except DataError as error:
            msg = f"{self.path}, rows from {start}: {error}"
            raise DataError(msg) from error

    def _check_schema(self, expected: EventSchema | None) -> None:
        """Refuse a file of another schema than the one that was asked for."""
        if expected is not None and self.schema.digest != expected.digest:
            msg = (
                f"{self.path} holds schema {self.schema.name!r} version {self.schema.version} ({self.schema.digest[:8]}), "
                f"needed {expected.name!r} version {expected.version} ({expected.digest[:8]})"
            )
            raise SchemaError(msg)

    def _read_columns(self) -> dict[str, h5py.Dataset]:
        """Every column, after a look at its shape: damage is found before anything is read or reserved."""
        if not self._n:
            return {}
        expected = {name: slots for name, (slots, _) in schema_columns(self.schema).items()}
        masks = [f"collections/{item.name}/valid" for item in self.schema.objects]
        expected |= {name: self.schema.object(name.split("/")[1]).n_slots for name in masks if name in self._file}
        columns = {name: self._dataset(name, (self._n, slots)) for name, slots in expected.items()}
        flat = [
            *IDENTITY,
            *(f"{group}/{name}" for group in ("truth", "crossing") if group in self._file for name in self._file[group]),
        ]
        return columns | {name: self._dataset(name, (self._n,)) for name in flat}

    def _dataset(self, name: str, shape: tuple[int, ...]) -> h5py.Dataset:
        """The dataset `name`, if it is an array of numbers of that shape."""
        dataset = self._file[name]
        if not isinstance(dataset, h5py.Dataset) or dataset.shape != shape or dataset.dtype.kind not in "iufb":
            msg = f"{self.path} is damaged: {name} is {dataset}, expected numbers of the shape {shape}"
            raise DataError(msg)
        if dataset.chunks is not None and np.prod(dataset.chunks, dtype=np.float64) * dataset.dtype.itemsize > _MOST_CHUNK_BYTES:
            msg = f"{self.path} is damaged: {name} has chunks of the shape {dataset.chunks}"
            raise DataError(msg)
        return dataset

    def _slice(self, schema: EventSchema, rows: slice, *, words_only: bool = False) -> Events:
        """The crossings `rows`, objects and columns of `schema` only; of these their words and numbers, or all there is."""
        if not self._n:
            return Events.empty(schema)
        collections = {
            item.name: {
                **{entry.column: self._words(item, entry, rows, narrow=words_only) for entry in item.fields},
                **{real.column: self._reals(f"collections/{item.name}/{real.column}", rows) for real in item.reals},
            }
            for item in schema.objects
        }
        masks = {item.name: f"collections/{item.name}/valid" for item in schema.objects}
        event = self._columns["event"][rows]
        weight, group = np.broadcast_to(np.nan, event.shape), event
        if not words_only:
            weight, group = self._columns["weight"][rows], self._columns["group"][rows]
        return Events(
            schema,
            collections,
            weight,
            event,
            group,
            {} if words_only else self._named("truth/", rows),
            {
                name: self._columns[path][rows].astype(np.bool_, copy=False)
                for name, path in masks.items()
                if path in self._columns
            },
            self._named("crossing/", rows),
            self.processes,
        )

    def _named(self, group: str, rows: slice) -> dict[str, NDArray[Any]]:
        """The columns of a group."""
        return {name.removeprefix(group): self._columns[name][rows] for name in self._columns if name.startswith(group)}

    def _words(self, item: ObjectSchema, entry: Field, rows: slice, *, narrow: bool) -> NDArray[Any]:
        """One column of words in the type that `Events` has, or in the narrower one of the file."""
        values: NDArray[Any] = self._columns[f"collections/{item.name}/{entry.column}"][rows]
        return values if narrow and values.dtype.kind == "i" else values.astype(memory_type(item, entry.scale), copy=False)

    def _reals(self, name: str, rows: slice) -> NDArray[np.float32]:
        values: NDArray[Any] = self._columns[name][rows]
        return values.astype(np.float32, copy=False)


def iterate_events(path: Path, *, chunk: int = 8 * BLOCK_ROWS, schema: EventSchema | None = None) -> Iterator[Events]:
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
        If it is not an event file of a known version and this schema.
    """
    with EventFile(path, schema=schema) as file:
        if not len(file):
            msg = f"{path} holds no events"
            raise DataError(msg)
        yield from file.iterate(chunk)


def read_events(path: Path, schema: EventSchema | None = None) -> Events:
    """All crossings of the file at `path`; raises as `iterate_events` does."""
    with EventFile(path, schema=schema) as file:
        return next(iterate_events(path, chunk=max(1, len(file)), schema=schema))


def file_info(path: Path, *, unfinished: bool = False) -> dict[str, Any]:
    """Header of the file at `path`: processes, number of events, schema, provenance; arguments as for `EventFile`."""
    with EventFile(path, unfinished=unfinished) as file:
        return file.info
