"""Documents on disk: bytes of a file, plain or gzip."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from l1ml.errors import DataError

__all__ = ["document_bytes", "document_text"]

_GZIP = b"\x1f\x8b"


def document_bytes(path: Path, what: str) -> bytes:
    """Content of the file at `path`, unpacked if it is gzip; `what` it should be is said in messages.

    Raises
    ------
    DataError
        If the file is missing, cannot be read, or its compression is damaged.
    """
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if raw.startswith(_GZIP) else raw
    except (OSError, EOFError, zlib.error) as error:
        msg = f"{path} cannot be read as {what}: {error}"
        raise DataError(msg) from error


def document_text(path: Path, what: str) -> str:
    """The same as UTF-8 text.

    Raises
    ------
    DataError
        As `document_bytes`, and if the content is not UTF-8.
    """
    try:
        return document_bytes(path, what).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{path} cannot be read as {what}: it is not UTF-8 ({error})"
        raise DataError(msg) from error
