"""Arrays in HDF5 files of others: opened without trust in what they declare.

HDF5 allocates what a file declares and fills rows that were never stored with zeros, and follows links to other files. None of
that happens here: sizes are compared with the bytes that are there, missing blocks and links are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil, prod
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.data.readers.damage import damage
from l1ml.data.readers.rows import Rows
from l1ml.errors import DataError, SchemaError, nearest

__all__ = ["Hdf5Arrays", "has_datasets", "hdf5_arrays", "is_hdf5"]

_KIND = "an HDF5 file that can be read"
_MAGIC = b"\x89HDF\r\n\x1a\n"
_CHUNK_BYTES = 1 << 29
_DEFLATE_MOST = 1032
"""Bytes that one byte of a deflate stream can stand for."""
_NAMES_MOST = 4096
_NAME_LENGTH = 256


def is_hdf5(path: Path) -> bool:
    """Whether the file `path` begins as HDF5 files do; False if it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def has_datasets(path: Path, *names: str) -> bool:
    """Whether `path` is an HDF5 file with all of the datasets `names`; False, never an exception, for anything else."""
    try:
        with hdf5_arrays(path) as arrays:
            return all(name in arrays.names for name in names)
    except DataError:
        return False


class Hdf5Arrays:
    """The datasets of an open HDF5 file; made by `hdf5_arrays`."""

    def __init__(self, path: Path, file: Any) -> None:
        self.path = path
        self._file = file
        with damage(path, _KIND):
            self.names = tuple(str(name) for name in file)

    def rows(self, name: str) -> Rows:
        """The dataset `name` as rows of numbers.

        Raises
        ------
        SchemaError
            If there is no such dataset, or it holds anything but numbers.
        DataError
            If the file is damaged.
        """
        with damage(self.path, _KIND):
            dataset = self._dataset(name)
            if dataset.dtype.kind not in "fiub" or not dataset.shape:
                msg = f"{self.path}: {name!r} is not an array of numbers but {dataset.dtype} of the shape {dataset.shape}"
                raise SchemaError(msg)
            self._check_storage(name, dataset)
            shape = tuple(int(length) for length in dataset.shape)
        return Rows(self.path, name, shape, dataset.dtype, lambda rows: _blocks(self.path, dataset, rows))

    def text(self, name: str) -> tuple[str, ...]:
        """The dataset `name` as words.

        Raises
        ------
        SchemaError
            If there is no such dataset or it is no list of text.
        DataError
            If the file is damaged.
        """
        with damage(self.path, _KIND):
            dataset = self._dataset(name)
            long = dataset.dtype.kind == "S" and dataset.dtype.itemsize > _NAME_LENGTH
            if dataset.dtype.kind not in "SO" or dataset.ndim != 1 or len(dataset) > _NAMES_MOST or long:
                msg = f"{self.path}: {name!r} is not a list of names but {dataset.dtype} of the shape {dataset.shape}"
                raise SchemaError(msg)
            self._check_storage(name, dataset)
            return tuple(item.decode() if isinstance(item, bytes) else str(item) for item in dataset[:])

    def attributes(self) -> dict[str, str]:
        """Attributes of the file as text, for people."""
        with damage(self.path, _KIND):
            return {str(name): str(value) for name, value in self._file.attrs.items()}

    def _dataset(self, name: str) -> Any:
        if name not in self.names:
            msg = f"{self.path} has no dataset {name!r}; {nearest(name, self.names) if self.names else 'it has none'}"
            raise SchemaError(msg)
        dataset = self._file[name] if isinstance(self._file.get(name, getlink=True), h5py.HardLink) else None
        if not isinstance(dataset, h5py.Dataset) or dataset.is_virtual or dataset.external:
            msg = f"{self.path}: {name!r} is a group or lies in another file; expected an array in this file"
            raise SchemaError(msg)
        return dataset

    def _check_storage(self, name: str, dataset: Any) -> None:
        """Refuse a dataset that declares more than the file holds."""
        stored, declared = dataset.id.get_storage_size(), prod(dataset.shape) * dataset.dtype.itemsize
        held = stored >= declared
        if dataset.chunks is not None:
            blocks = prod(ceil(length / part) for length, part in zip(dataset.shape, dataset.chunks, strict=True))
            small = prod(dataset.chunks) * dataset.dtype.itemsize <= _CHUNK_BYTES
            held = small and declared <= stored * _DEFLATE_MOST and dataset.id.get_num_chunks() == blocks
        if not held or stored > self.path.stat().st_size:
            msg = (
                f"{self.path} is truncated or damaged: {name!r} declares {dataset.shape} values of {dataset.dtype}, "
                f"{stored} bytes of it are stored"
            )
            raise DataError(msg)


def _blocks(path: Path, dataset: Any, rows: int) -> Iterator[NDArray[Any]]:
    """Blocks of `rows` rows."""
    for start in range(0, len(dataset), rows):
        with damage(path, _KIND):
            block = np.asarray(dataset[start : start + rows])
        yield block


@contextmanager
def hdf5_arrays(path: Path) -> Iterator[Hdf5Arrays]:
    """The arrays of the HDF5 file `path`.

    Raises
    ------
    DataError
        If there is no such file, or it is no HDF5 file, or damaged.
    """
    if not is_hdf5(path):
        msg = f"{path} is not an HDF5 file" if path.is_file() else f"{path} is not a file"
        raise DataError(msg)
    with damage(path, _KIND):
        file = h5py.File(path, "r")
    try:
        yield Hdf5Arrays(path, file)
    finally:
        with damage(path, _KIND):
            file.close()
