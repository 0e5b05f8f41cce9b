"""Writing event files, batch by batch; see `l1ml.data.event_layout` for what ends up in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.data.block_digests import BlockDigests
from l1ml.data.event_file import EventFile
from l1ml.data.event_layout import BLOCK_ROWS, FORMAT, FORMAT_VERSION, as_text, disk_columns, part_path
from l1ml.data.events import Events
from l1ml.data.growing_columns import make_column, new_hdf5
from l1ml.data.journalled_file import JournalledFile
from l1ml.data.schema import EventSchema
from l1ml.errors import DataError, SchemaError
from l1ml.storage import disk_errors

__all__ = ["EventWriter"]


class EventWriter:
    """Append batches of events to a file; the file appears under its name when the ``with`` block ends well.

    Parameters
    ----------
    path : Path
        File to make; an older one is replaced only at the end.
    schema : EventSchema
        What the batches hold.
    process : str or sequence of str
        Name of the physics process, for instance ``zero_bias``; or all names that the column ``process`` of the batches counts.
    provenance : mapping
        Generator, version, tune, seeds ... (JSON values).
    append : bool
        Go on from the complete file at `path`, if there is one. It stays as it is until the block ends well.
    compress : bool
        Columns that the file gets now are compressed; without it the file is two to three times as large and read several times
        as fast, which pays where a program reads more than two million crossings a second.

    Notes
    -----
    Until then the rows are in ``<name>.part``. When a batch is in, `append` has made it durable: a process killed at any moment
    leaves a part with all batches whose `append` returned, and `l1ml.data.recover_events` makes a file of it. A block that ends
    with an exception, Ctrl-C included, leaves nothing. A new writer of the same file replaces an old part.
    """

    def __init__(
        self,
        path: Path,
        schema: EventSchema,
        *,
        process: str | Sequence[str],
        provenance: Mapping[str, Any],
        append: bool = False,
        compress: bool = True,
    ) -> None:
        self._path = path
        self._schema = schema
        self._processes = (process,) if isinstance(process, str) else tuple(process)
        self._provenance = dict(provenance)
        self._continues = append and path.is_file()
        self._compress = compress
        self._stack = ExitStack()
        self._digests = BlockDigests()
        self._names: set[str] = set()
        self._n = 0

    def __enter__(self) -> Self:
        with self._stack, disk_errors(self._path):
            if self._continues:
                self._check_old()
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = part_path(self._path)
            self._target = self._stack.enter_context(_part(part))
            if self._continues:
                self._target.fill_from(self._path)
                self._file = h5py.File(self._target, "r+")
                self._count_old()
            else:
                self._file = new_hdf5(self._target)
            self._stack.callback(self._file.close)
            self._write_header()
            self._commit()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *error: Any) -> bool | None:
        if error[0] is not None:
            return self._stack.__exit__(*error)
        with self._stack, disk_errors(self._path):
            self._file.attrs["complete"] = 1
            self._file.close()
            self._target.commit()
            part_path(self._path).replace(self._path)
        return None

    def append(self, events: Events) -> None:
        """Add `events` after validating every word; when this returns they survive the end of the process.

        Raises
        ------
        SchemaError
            If the batch has another schema, other processes, or other truth, mask or crossing columns than the first one.
        DataError
            If a word is out of its width.
        StorageError
            If the disk is full.
        """
        self._check(events)
        events.validate()
        if not len(events):
            return
        columns = dict(disk_columns(events))
        with disk_errors(self._path):
            self._check_columns(columns)
            for name, column in columns.items():
                self._extend(name, column)
            self._extend_digests(columns, len(events))
            self._n += len(events)
            self._file.attrs["n_events"] = self._n
            self._commit()

    def _check(self, events: Events) -> None:
        """Refuse a batch of another schema or of other processes."""
        if events.schema.digest != self._schema.digest:
            msg = f"{self._path.name} holds schema {self._schema.name!r}, received events of {events.schema.name!r}"
            raise SchemaError(msg)
        if events.processes and events.processes != self._processes:
            msg = f"{self._path.name} is of {', '.join(self._processes)}; received events of {', '.join(events.processes)}"
            raise SchemaError(msg)
        numbers = events.crossing.get("process")
        if numbers is not None and len(numbers) and not 0 <= numbers.min() <= numbers.max() < len(self._processes):
            msg = (
                f"process numbers go from {numbers.min()} to {numbers.max()}, but {self._path.name} has {len(self._processes)} "
                f"({', '.join(self._processes)})"
            )
            raise DataError(msg)

    def _check_columns(self, columns: Mapping[str, Any]) -> None:
        """Refuse a batch whose optional columns are not those of the rows before it."""
        if self._n and set(columns) != self._names:
            differ = ", ".join(sorted(set(columns) ^ self._names))
            msg = f"{self._path.name}: all batches must have the same columns; not in all of them: {differ}"
            raise SchemaError(msg)
        self._names = set(columns)

    def _extend(self, name: str, column: NDArray[Any]) -> None:
        """Append `column` to the dataset `name`, making it at the first batch."""
        if name not in self._file:
            make_column(self._file, name, column.dtype, column.shape[1:], compress=self._compress)
        dataset = self._file[name]
        dataset.resize(self._n + len(column), axis=0)
        dataset[self._n :] = column

    def _extend_digests(self, columns: Mapping[str, NDArray[Any]], n: int) -> None:
        """Write the digests of the blocks that the new rows are in."""
        first, digests = self._digests.add(columns, n)
        if "digests" not in self._file:
            make_column(self._file, "digests", np.dtype(np.uint8), digests.shape[1:])
        self._file["digests"].resize(first + len(digests), axis=0)
        self._file["digests"][first:] = digests

    def _write_header(self) -> None:
        """Everything that is known before the first batch."""
        header = {
            "format": as_text(FORMAT),
            "format_version": FORMAT_VERSION,
            "schema": as_text(self._schema.to_json()),
            "schema_digest": as_text(self._schema.digest),
            "processes": as_text(list(self._processes)),
            "provenance": as_text(self._provenance),
            "n_events": self._n,
            "complete": 0,
        }
        self._file.attrs.update(header)

    def _commit(self) -> None:
        """Make what HDF5 holds what a kill leaves behind."""
        self._file.flush()
        self._target.commit()

    def _check_old(self) -> None:
        """Refuse to go on from a file of something else, or from one that a newer part belongs to."""
        with EventFile(self._path, schema=self._schema) as old:
            if old.version != FORMAT_VERSION:
                msg = f"{self._path} has version {old.version}; make it version {FORMAT_VERSION} with: l1ml data convert"
                raise SchemaError(msg)
            if old.processes != self._processes:
                msg = f"{self._path} is of {', '.join(old.processes)}; received {', '.join(self._processes)}"
                raise SchemaError(msg)
            self._provenance = _continued(old.provenance, self._provenance, len(old))
        if part_path(self._path).exists():
            msg = f"{part_path(self._path)} has rows of a writer that was killed; recover or delete it first"
            raise DataError(msg)

    def _count_old(self) -> None:
        """Take up the digests where the old rows end."""
        self._n = int(self._file.attrs["n_events"])
        if not self._n:
            return
        with EventFile(self._path) as old:
            self._names = set(old.columns)
            last = slice(self._n - self._n % BLOCK_ROWS, self._n)
            rows = {name: old.column(name, last) for name in old.columns}
        self._digests = BlockDigests.after(rows, self._n)


@contextmanager
def _part(path: Path) -> Iterator[JournalledFile]:
    """The unfinished file at `path`, removed unless it was renamed."""
    with JournalledFile(path, "new") as file:
        try:
            yield file
        finally:
            file.remove()


def _continued(old: Mapping[str, Any], new: Mapping[str, Any], n: int) -> dict[str, Any]:
    """Provenance of a file that was appended to: that of its first rows, and who added what after which row."""
    return {**old, "appended": [*old.get("appended", ()), {"after": n, **new}]} if new else dict(old)
