"""Writing decision files, batch by batch; a run that was cut off goes on where its last whole batch ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.data.event_layout import as_text, part_path, text_of
from l1ml.data.growing_columns import append_chunks, make_column, new_hdf5, takes_chunks
from l1ml.data.journalled_file import JournalledFile
from l1ml.errors import DataError, SchemaError
from l1ml.storage import disk_errors
from l1ml.trigger.decision_file import DecisionBatch, DecisionHeader, PackedFile, StoredBatch

__all__ = ["DecisionWriter"]

_CHUNK_ROWS = 65536
"""Crossings of a chunk. The filter lzf begins each chunk by clearing a table of a mebibyte, whatever its size: at 8192 rows that
and what it drives out of the cache took 25 ns a crossing, and copying the chunks another 15."""


class DecisionWriter:
    """Append batches of decisions to a file, which appears under its name when the ``with`` block ends well.

    Until then the crossings are in ``<name>.part``; they stay there if the process ends otherwise, and a writer with the same
    header goes on after them. An older file of the name is replaced at the end.

    Parameters
    ----------
    path : Path
        File to make.
    header : DecisionHeader
        What decides, and on what; algorithms and reasons of unsupported ones are those of the first batch.
    resumable : bool
        Whether each batch survives the end of the process, as above; else the file is begun anew, and written faster.

    Attributes
    ----------
    n : int
        Crossings that are in the file.
    resume : mapping
        What the last batch left to go on from: JSON values.

    Raises
    ------
    DataError
        If ``<name>.part`` is of another menu, other networks or other sources.
    StorageError
        If the disk is full, `path` cannot be written, or another process is writing it.
    """

    def __init__(self, path: Path, header: DecisionHeader, *, resumable: bool = True) -> None:
        self._path = path
        self._resumable = resumable
        self.header = header
        self.n = 0
        self.resume: Mapping[str, Any] = {}
        self._columns: dict[str, h5py.Dataset] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with self._stack, disk_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = part_path(self._path)
            continues = self._resumable and part.is_file()
            self._target = self._stack.enter_context(JournalledFile(part, "continue" if continues else "new"))
            if continues and self._target.seek(0, 2):
                self._resume(part)
            else:
                self._file = new_hdf5(self._target)
                self._file.attrs.update({**self.header.attributes(), "n_crossings": 0, "complete": np.False_})
            self._stack.callback(self._file.close)
            if self._resumable:
                self._commit()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._stack, disk_errors(self._path):
            if error is None:
                self._file.attrs["complete"] = np.True_
                self._file.close()
                self._target.commit()
                part_path(self._path).replace(self._path)

    def takes(self, packed: PackedFile) -> bool:
        """Whether `packed` can be appended: to whole chunks of the same kind; a file without crossings gets its columns first."""
        if not self.n:
            with disk_errors(self._path):
                for name, column in packed.columns.items():
                    self._require(name, column)
        return all(name in self._columns and takes_chunks(self._columns[name], column) for name, column in packed.columns.items())

    def append(self, batch: DecisionBatch | StoredBatch | PackedFile, header: DecisionHeader, resume: Mapping[str, Any]) -> None:
        """Add `batch`; when this returns, it survives the end of the process if the file is resumable.

        Parameters
        ----------
        batch : DecisionBatch, StoredBatch or PackedFile
            The next crossings; a packed file only where `takes` allows it.
        header : DecisionHeader
            That of the batch: the same for all of a file.
        resume : mapping
            What a second run needs to go on after the batch: JSON values.

        Raises
        ------
        SchemaError
            If other algorithms are decided than before, or other columns are known.
        StorageError
            If the disk is full; all batches before are kept.
        """
        columns = batch.columns
        if self.n:
            self._check(set(columns), header)
        with disk_errors(self._path):
            if not self.n:
                self.header = header
                self._file.attrs.update(header.attributes())
            for name, column in columns.items():
                self._extend(self._require(name, column), column)
            self.n += len(next(iter(columns.values())))
            self.resume = resume
            self._file.attrs.update({"n_crossings": self.n, "resume": as_text(dict(resume))})
            if self._resumable:
                self._commit()
            self._target.check()

    def _check(self, names: set[str], header: DecisionHeader) -> None:
        """Refuse a batch that does not go on what is there."""
        if header != self.header:
            differ = sorted(set(header.algorithms) ^ set(self.header.algorithms)) or ["the order of the algorithms, or a reason"]
            msg = (
                f"{self._path.name}: the sources do not decide the same algorithms, such as {differ[0]}; emulate them one by one"
            )
            raise SchemaError(msg)
        if names != set(self._columns):
            differ = sorted(names ^ set(self._columns))
            msg = f"{self._path.name}: not all crossings have the columns {', '.join(differ)}; emulate their files one by one"
            raise SchemaError(msg)

    def _resume(self, part: Path) -> None:
        """Go on after the last batch of `part`."""
        try:
            self._file = h5py.File(self._target, "r+")
            found = DecisionHeader.of(self._file)
            self.n = int(self._file.attrs["n_crossings"])
        except (OSError, KeyError, ValueError) as error:
            msg = f"{part} cannot be continued ({error}); delete it to begin anew"
            raise DataError(msg) from error
        if self.n:
            expected = replace(self.header, algorithms=found.algorithms, unsupported=found.unsupported)
            if found != expected:
                self._file.close()
                msg = f"{part} is the beginning of another emulation (menu, networks or sources differ); delete it to begin anew"
                raise DataError(msg)
            self.header = found
            self._columns = _datasets(self._file)
            self.resume = json.loads(text_of(self._file.attrs["resume"]))
        else:
            self._file.attrs.update(self.header.attributes())

    def _extend(self, dataset: h5py.Dataset, column: NDArray[Any] | h5py.Dataset) -> None:
        if isinstance(column, h5py.Dataset):
            append_chunks(dataset, column)
            return
        dataset.resize(self.n + len(column), axis=0)
        dataset[self.n :] = column

    def _require(self, name: str, like: NDArray[Any] | h5py.Dataset) -> h5py.Dataset:
        """The column `name`, made for rows as those of `like` if it is not there.

        It stays open: a chunk that is not full is packed when the file is flushed, and not after each batch.
        """
        if name not in self._columns:
            if name not in self._file:
                make_column(self._file, name, like.dtype, like.shape[1:], rows=_CHUNK_ROWS)
            self._columns[name] = self._file[name]
        return self._columns[name]

    def _commit(self) -> None:
        """Make what HDF5 holds what a kill leaves behind."""
        self._file.flush()
        self._target.commit()


def _datasets(file: h5py.File) -> dict[str, h5py.Dataset]:
    """All datasets by name."""
    found: dict[str, h5py.Dataset] = {}
    file.visititems(lambda name, item: found.update({name: item}) if isinstance(item, h5py.Dataset) else None)
    return found
