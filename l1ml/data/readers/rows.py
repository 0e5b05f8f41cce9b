"""Arrays of a file of others, read in blocks of rows: what HDF5 and numpy files have in common.

A reader sees `Rows` only, whatever the container; batches are cut so that wide rows do not add up to much memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError, SchemaError

__all__ = ["Rows", "batch_rows", "together"]

_BATCH_BYTES = 1 << 27
"""A batch of wide rows is cut to this size."""
_ROW_BYTES = 1 << 28
"""No format here has rows of 256 MiB; a file that declares them is damaged."""


@dataclass(frozen=True)
class Rows:
    """One array of an open file, shape (n, ...), numbers only.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        The array in it; empty where a file is one array.
    shape : tuple of int
        As the file declares it, checked against what the file can hold.
    dtype : numpy dtype
        As stored.
    stream : callable
        ``stream(rows)`` yields blocks of `rows` rows, the last one shorter.
    """

    path: Path
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    stream: Callable[[int], Iterator[NDArray[Any]]]

    def __post_init__(self) -> None:
        if not self.shape or self.row_bytes > _ROW_BYTES:
            msg = f"{self} has the shape {self.shape}: not rows of at most {_ROW_BYTES >> 20} MiB"
            raise DataError(msg)

    def __str__(self) -> str:
        return f"{self.path}: {self.name!r}" if self.name else str(self.path)

    @property
    def n(self) -> int:
        """Number of rows."""
        return self.shape[0]

    @property
    def row_bytes(self) -> int:
        """Bytes of one row, as stored."""
        return prod(self.shape[1:]) * self.dtype.itemsize

    @property
    def width(self) -> int:
        """Length of the last axis; 1 where a row is one number."""
        return self.shape[-1] if len(self.shape) > 1 else 1

    def check(self, shape: tuple[int | None, ...]) -> None:
        """Refuse any other shape; None stands for any length.

        Raises
        ------
        SchemaError
            If the shape differs.
        """
        fits = len(shape) == len(self.shape) and all(want in {None, have} for want, have in zip(shape, self.shape, strict=True))
        if not fits:
            wanted = ", ".join("N" if length is None else str(length) for length in shape)
            msg = f"{self} has the shape {self.shape}, expected ({wanted})"
            raise SchemaError(msg)


def batch_rows(chunk: int, row_bytes: int) -> int:
    """Rows of a batch: `chunk`, fewer where rows are wide.

    Raises
    ------
    DataError
        If `chunk` is not positive.
    """
    if chunk < 1:
        msg = f"chunk is {chunk}, must be 1 or more"
        raise DataError(msg)
    return max(1, min(chunk, _BATCH_BYTES // max(1, row_bytes)))


def together(arrays: Mapping[str, Rows], chunk: int) -> Iterator[tuple[int, dict[str, NDArray[Any]]]]:
    """Number of the first row and the same rows of all `arrays`, batch after batch.

    Raises
    ------
    DataError
        If the arrays differ in length, or one of them ends early.
    """
    lengths = {str(rows): rows.n for rows in arrays.values()}
    if len(set(lengths.values())) > 1:
        msg = f"arrays that belong together differ in length: {', '.join(f'{name} has {n}' for name, n in lengths.items())}"
        raise DataError(msg)
    n = next(iter(lengths.values()))
    step = batch_rows(chunk, sum(rows.row_bytes for rows in arrays.values()))
    streams = {name: rows.stream(step) for name, rows in arrays.items()}
    for start in range(0, n, step):
        blocks = {name: next(stream, None) for name, stream in streams.items()}
        for name, block in blocks.items():
            if block is None or len(block) != min(step, n - start):
                msg = f"{arrays[name]} is truncated: rows {start} and on are not there, {n} are declared"
                raise DataError(msg)
        yield start, {name: block for name, block in blocks.items() if block is not None}
