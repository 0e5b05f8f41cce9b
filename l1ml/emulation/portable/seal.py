"""A seal over the bytes of a file: whoever opens it knows that they are the ones that were written, before anything reads them.

The seal is the user block of an HDF5 file, 512 bytes in front of what HDF5 itself begins with: three lines of ASCII (name of the
format, its version, SHA-256 of every byte after the block), then zeros. HDF5 readers skip it; they crash or hang on some damaged
files, so that a file is not to be handed to them before its seal was checked.
"""

from __future__ import annotations

import hashlib

from l1ml.errors import DataError, SchemaError

__all__ = ["SEAL_BYTES", "sealed", "unsealed"]

SEAL_BYTES = 512
"""The smallest user block that HDF5 knows."""


def sealed(content: bytes, name: str, version: int) -> bytes:
    """`content`, whose first `SEAL_BYTES` are free, with its seal: a file of format `name` and `version`."""
    body = content[SEAL_BYTES:]
    return _seal(body, name, version) + body


def unsealed(content: bytes, name: str, version: int, source: str) -> bytes:
    """The same bytes, if the seal is whole; `source` is what they come from, for messages.

    Raises
    ------
    SchemaError
        If the file is none of this format, or of another version of it.
    DataError
        If a byte is not what was written, or the end is missing.
    """
    lines = content[:SEAL_BYTES].split(b"\n")
    if lines[0] != name.encode():
        msg = f"{source} is no {name} file"
        raise SchemaError(msg)
    if len(lines) < 2 or lines[1] != str(version).encode():
        found = lines[1][:16].decode("ascii", "replace") if len(lines) > 1 else "none"
        msg = f"{source} is a {name} file of version {found!r}, this l1ml reads version {version}; write it again with this one"
        raise SchemaError(msg)
    if content[:SEAL_BYTES] != _seal(content[SEAL_BYTES:], name, version):
        msg = f"{source} is truncated or damaged: its bytes are not those that its SHA-256 was taken of; copy or write it again"
        raise DataError(msg)
    return content


def _seal(body: bytes, name: str, version: int) -> bytes:
    lines = f"{name}\n{version}\nsha256 {hashlib.sha256(body).hexdigest()}\n"
    return lines.encode("ascii").ljust(SEAL_BYTES, b"\0")
