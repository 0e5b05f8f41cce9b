"""Arrays in .npy and .npz files, read in blocks of rows without loading them; pickled objects are refused."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.readers.damage import damage
from l1ml.data.readers.rows import Rows
from l1ml.errors import DataError, SchemaError, nearest

__all__ = ["NumpyArrays", "is_numpy", "numpy_arrays"]

_KIND = "a numpy file that can be read"
_NPY, _ZIP = b"\x93NUMPY", b"PK"


def is_numpy(path: Path) -> bool:
    """Whether the file `path` begins as .npy or .npz files do; False if it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(_NPY)).startswith((_NPY, _ZIP))
    except OSError:
        return False


class NumpyArrays:
    """The arrays of a .npy file (one, called "") or a .npz file; made by `numpy_arrays`."""

    def __init__(self, path: Path, packed: zipfile.ZipFile | None) -> None:
        self.path = path
        self._packed = packed
        members = [] if packed is None else [item for item in packed.namelist() if item.endswith(".npy")]
        self.names = ("",) if packed is None else tuple(item.removesuffix(".npy") for item in members)

    def rows(self, name: str) -> Rows:
        """The array `name` as rows of numbers.

        Raises
        ------
        SchemaError
            If there is no such array, or it holds anything but numbers in C order.
        DataError
            If the file is damaged.
        """
        if name not in self.names:
            msg = f"{self.path} has no array {name!r}; {nearest(name, self.names) if self.names else 'it has none'}"
            raise SchemaError(msg)
        with damage(self.path, _KIND), self._open(name) as stream:
            shape, fortran, dtype = _header(stream)
            held = self._size(name) - stream.tell()
        if dtype.kind not in "fiub" or (fortran and len(shape) > 1):
            msg = f"{self.path}: {name!r} is {dtype} in {'Fortran' if fortran else 'C'} order; expected numbers in C order"
            raise SchemaError(msg)
        if prod(shape) * dtype.itemsize != held or min(shape, default=0) < 0:
            msg = f"{self.path} is truncated or damaged: {name!r} declares {shape} values of {dtype}, {held} bytes are there"
            raise DataError(msg)
        return Rows(self.path, name, shape, dtype, lambda rows: self._blocks(name, rows))

    def _open(self, name: str) -> IO[bytes]:
        if self._packed is None:
            return self.path.open("rb")
        return self._packed.open(f"{name}.npy")

    def _size(self, name: str) -> int:
        if self._packed is None:
            return self.path.stat().st_size
        return self._packed.getinfo(f"{name}.npy").file_size

    def _blocks(self, name: str, rows: int) -> Iterator[NDArray[Any]]:
        with damage(self.path, _KIND):
            stream = self._open(name)
        with stream:
            with damage(self.path, _KIND):
                shape, _, dtype = _header(stream)
            row_bytes = prod(shape[1:]) * dtype.itemsize
            for start in range(0, shape[0], rows):
                n = min(rows, shape[0] - start)
                with damage(self.path, _KIND):
                    block = np.frombuffer(stream.read(n * row_bytes), dtype).reshape(n, *shape[1:])
                yield block


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, order and type from the head of a .npy stream."""
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    return read(stream)


@contextmanager
def numpy_arrays(path: Path) -> Iterator[NumpyArrays]:
    """The arrays of the .npy or .npz file `path`.

    Raises
    ------
    DataError
        If there is no such file, or it is no numpy file, or damaged.
    """
    if not is_numpy(path):
        msg = f"{path} is not a numpy file" if path.is_file() else f"{path} is not a file"
        raise DataError(msg)
    with path.open("rb") as stream:
        single = stream.read(len(_NPY)) == _NPY
    if single:
        yield NumpyArrays(path, None)
        return
    with damage(path, _KIND):
        packed = zipfile.ZipFile(path)
    with packed:
        yield NumpyArrays(path, packed)
