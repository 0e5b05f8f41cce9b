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
        Whether each batch survives the end of the process, as below; else it may be lost until the end, and is written faster.

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
        self._names: set[str] = set()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with self._stack, disk_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = part_path(self._path)
            continues = part.is_file()
            self._target = self._stack.enter_context(JournalledFile(part, "continue" if continues else "new"))
            if continues and self._target.seek(0, 2):
                self._resume(part)
            else:
                self._file = new_hdf5(self._target)
                self._file.attrs.update({**self.header.attributes(), "n_crossings": 0, "complete": np.False_})
            self._stack.callback(self._file.close)
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
        return all(name in self._file and takes_chunks(self._file[name], column) for name, column in packed.columns.items())

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
        if not self.n:
            self.header, self._names = header, set(columns)
        self._check(set(columns), header)
        with disk_errors(self._path):
            if not self.n:
                self._file.attrs.update(header.attributes())
            for name, column in columns.items():
                self._extend(name, column)
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
        if names != self._names:
            differ = sorted(names ^ self._names)
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
            self._names = set(_datasets(self._file))
            self.resume = json.loads(text_of(self._file.attrs["resume"]))
        else:
            self._file.attrs.update(self.header.attributes())

    def _extend(self, name: str, column: NDArray[Any] | h5py.Dataset) -> None:
        if isinstance(column, h5py.Dataset):
            append_chunks(self._file[name], column)
            return
        self._require(name, column)
        dataset = self._file[name]
        dataset.resize(self.n + len(column), axis=0)
        dataset[self.n :] = column

    def _require(self, name: str, like: NDArray[Any] | h5py.Dataset) -> None:
        """Make the column `name` for rows as those of `like`, if it is not there."""
        if name not in self._file:
            make_column(self._file, name, like.dtype, like.shape[1:])

    def _commit(self) -> None:
        """Make what HDF5 holds what a kill leaves behind."""
        self._file.flush()
        self._target.commit()


def _datasets(file: h5py.File) -> list[str]:
    """Names of all datasets."""
    found: list[str] = []
    file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
    return found
