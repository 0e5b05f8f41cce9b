"""Text files of generators: cut at markers while they stream by, and their lines of numbers as tables."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError, L1mlError

__all__ = ["Column", "TextStream", "first_bytes", "number_table", "text_stream", "whole_numbers"]

_GZIP_MAGIC = b"\x1f\x8b"
_READ = 1 << 20
_RECORD_MOST = 1 << 26
"""No event is larger than 64 MiB of text; a file in which one seems to be is damaged."""

Column = NDArray[np.float64]


class TextStream:
    """A file read piece by piece up to markers; made by `text_stream`."""

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        self.path = path
        self._stream = stream
        self._held = b""
        self._at = 0
        self._ended = False

    def until(self, marker: bytes) -> bytes | None:
        """Text up to the next `marker`, which is dropped; None if there is no other one, and the text stays for `rest`.

        Raises
        ------
        DataError
            If the file is damaged, or no marker comes for 64 MiB.
        """
        seen = self._at
        while (found := self._held.find(marker, seen)) < 0:
            if self._ended:
                return None
            # a marker may stand across the border of two pieces; the text before it is not searched again
            seen = max(0, len(self._held) - self._at - len(marker) + 1)
            self._more()
            if len(self._held) > _RECORD_MOST + 2 * _READ:
                msg = f"{self.path} is damaged or of another format: no {marker.decode()!r} in {_RECORD_MOST >> 20} MiB"
                raise DataError(msg)
        text = self._held[self._at : found]
        self._at = found + len(marker)
        return text

    def rest(self) -> bytes:
        """Text after the last marker that was found, once `until` has returned None."""
        return self._held[self._at :]

    def _more(self) -> None:
        piece = self._stream.read(_READ)
        self._ended = not piece
        self._held, self._at = self._held[self._at :] + piece, 0


@contextmanager
def text_stream(path: Path) -> Iterator[TextStream]:
    """The file `path` as text, unpacked if the content (not the name) is gzip.

    Raises
    ------
    DataError
        If the file is missing, or its gzip stream is damaged or cut short.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP_MAGIC
            raw.seek(0)
            yield TextStream(path, cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw)
    except L1mlError:
        raise
    except (FileNotFoundError, IsADirectoryError):
        msg = f"{path} is not a file"
        raise DataError(msg) from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        msg = f"{path} is a damaged or truncated gzip file ({error}); copy it again"
        raise DataError(msg) from error


def first_bytes(path: Path, n: int = 4096) -> bytes:
    """Beginning of the text of `path`, unpacked; nothing if it cannot be read."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP_MAGIC
            raw.seek(0)
            return gzip.GzipFile(fileobj=raw).read(n) if packed else raw.read(n)
    except (OSError, EOFError, zlib.error):
        return b""


def number_table(lines: Sequence[bytes], width: int, counts: NDArray[np.int64], where: str, first: int) -> Column:
    """Lines of `width` numbers each, shape (lines, width).

    Parameters
    ----------
    lines : sequence of bytes
        Of several events, one after the other.
    width : int
        Numbers of a line.
    counts : ndarray of int, shape (events,)
        Lines of each event, for messages.
    where : str
        File and what the lines are, for messages.
    first : int
        Number of the first event.

    Raises
    ------
    DataError
        If a line holds anything else, or a number is not finite.
    """
    if not lines:
        return np.zeros((0, width))
    try:
        table: Column = np.loadtxt([line.decode("ascii") for line in lines], ndmin=2, comments=None)
    except ValueError:
        table = _by_line(lines, width, counts, where, first)
    if table.shape != (len(lines), width) or not np.isfinite(table).all():
        table = _by_line(lines, width, counts, where, first)
    return table


def _by_line(lines: Sequence[bytes], width: int, counts: NDArray[np.int64], where: str, first: int) -> Column:
    """The table line by line: knows Fortran's exponents, and finds the line that is wrong."""
    table = np.zeros((len(lines), width))
    for index, line in enumerate(lines):
        try:
            values = [float(item.replace(b"D", b"E").replace(b"d", b"e")) for item in line.split()]
        except ValueError:
            values = []
        if len(values) != width or not np.isfinite(values).all():
            event = first + int(np.searchsorted(np.cumsum(counts), index, side="right"))
            msg = f"{where}, event {event}: expected {width} finite numbers, received {line[:200].decode('ascii', 'replace')!r}"
            raise DataError(msg)
        table[index] = values
    return table


def whole_numbers(values: Column, where: str) -> NDArray[np.int32]:
    """`values` as 32-bit integers.

    Raises
    ------
    DataError
        If one is no integer or has more bits.
    """
    limits = np.iinfo(np.int32)
    wrong = (values != np.floor(values)) | (values < limits.min) | (values > limits.max)
    if wrong.any():
        msg = f"{where}: {values[np.argmax(wrong)]} is not an integer of 32 bits"
        raise DataError(msg)
    return values.astype(np.int32)
