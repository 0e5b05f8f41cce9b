"""HDF5 files in formats of others, written batch after batch; whole or absent."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from math import prod
from pathlib import Path
from typing import Any

import h5py
from numpy.typing import NDArray

from l1ml.storage import atomic_path, disk_errors

__all__ = ["Hdf5Sink", "hdf5_sink"]

_CHUNK_BYTES = 1 << 20


class _Target(io.FileIO):
    """A file for HDF5 that keeps the first failure to itself: HDF5 cannot close a file after a failed write."""

    error: OSError | None = None

    def write(self, content: Any, /) -> int:
        """Write all of `content`, or remember why that failed; always claims success."""
        rest = memoryview(content).cast("B")
        size = rest.nbytes
        try:
            while self.error is None and rest.nbytes:
                rest = rest[super().write(rest) :]
        except OSError as error:
            self.error = error
        return size

    def truncate(self, size: int | None = None, /) -> int:
        """Set the length, or remember why that failed."""
        try:
            return super().truncate(size)
        except OSError as error:
            self.error = error
            return size or 0

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Raise the first failure at the end, if there was one, in place of what HDF5 made of it."""
        try:
            yield
        except OSError as error:
            raise self.error or error from error
        if self.error is not None:
            raise self.error


class Hdf5Sink:
    """Datasets of an open file that grow by rows; made by `hdf5_sink`."""

    def __init__(self, path: Path, target: _Target, file: Any) -> None:
        self._path = path
        self._target = target
        self._file = file

    def append(self, blocks: Mapping[str, NDArray[Any]]) -> None:
        """Add rows to the datasets that `blocks` names; the first block of each says what its type is.

        Raises
        ------
        StorageError
            If the disk is full.
        """
        with disk_errors(self._path), self._target.guard():
            for name, block in blocks.items():
                dataset = self._file[name] if name in self._file else self._dataset(name, block)
                start = len(dataset)
                dataset.resize(start + len(block), axis=0)
                dataset[start:] = block

    def attributes(self, values: Mapping[str, Any]) -> None:
        """Set attributes of the file."""
        self._file.attrs.update(values)

    def _dataset(self, name: str, block: NDArray[Any]) -> Any:
        row = max(1, prod(block.shape[1:]) * block.dtype.itemsize)
        return self._file.create_dataset(
            name,
            shape=(0, *block.shape[1:]),
            maxshape=(None, *block.shape[1:]),
            chunks=(max(1, _CHUNK_BYTES // row), *block.shape[1:]),
            dtype=block.dtype,
            compression="gzip",
            compression_opts=1,
            shuffle=True,
            track_times=False,
        )


@contextmanager
def hdf5_sink(path: Path) -> Iterator[Hdf5Sink]:
    """A file that gets the name `path` when it is complete; gzip of level 1 after a shuffle, which every HDF5 reads.

    Raises
    ------
    StorageError
        If the disk is full or `path` cannot be written.
    """
    with atomic_path(path) as part, _Target(part, "w+") as target:
        file = h5py.File(target, "w")
        try:
            yield Hdf5Sink(path, target, file)
        except BaseException:
            with suppress(OSError, RuntimeError):
                file.close()
            raise
        with disk_errors(path), target.guard():
            file.close()
