"""Files of lines, plain or gzip, read and written as a stream."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from l1ml.errors import DataError
from l1ml.storage import atomic_path

__all__ = ["line_length", "line_sink", "open_lines"]

_GZIP_MAGIC = b"\x1f\x8b"


def line_length(path: Path) -> int | None:
    """Bytes of each line of `path` with its end, if it is not packed and can be lines as long as the first; else None."""
    size = path.stat().st_size
    with path.open("rb") as raw:
        first = raw.readline()
    if first.startswith(_GZIP_MAGIC) or not first.endswith(b"\n") or size % len(first):
        return None
    return len(first)


@contextmanager
def open_lines(path: Path, start: int = 0) -> Iterator[Iterator[bytes]]:
    """Lines of `path` from the byte `start` on, line ends included; unpacked if the content (not the name) is gzip.

    Raises
    ------
    DataError
        If the file is missing or its gzip stream is damaged or cut short.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP_MAGIC
            raw.seek(0)
            stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
            stream.seek(start)
            yield iter(stream)
    except (FileNotFoundError, IsADirectoryError):
        msg = f"{path} is not a file"
        raise DataError(msg) from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        msg = f"{path} is a damaged or truncated gzip file ({error}); copy it again"
        raise DataError(msg) from error


@contextmanager
def line_sink(path: Path) -> Iterator[IO[bytes]]:
    """A stream that becomes the file `path` when it is closed without an error; gzip if the name ends in ``.gz``.

    Packed files carry no name and no time: equal content makes equal files.

    Raises
    ------
    StorageError
        If the disk is full or `path` cannot be written.
    """
    with atomic_path(path) as part, part.open("wb") as raw:
        if path.suffix != ".gz":
            yield raw
            return
        with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packed:
            yield cast("IO[bytes]", packed)
