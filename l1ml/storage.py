"""Files that are whole or absent: written under a temporary name, then renamed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from l1ml.errors import DataError, StorageError

__all__ = ["atomic_path", "digest_of", "disk_errors", "read_json", "write_bytes", "write_json", "write_text"]

_SPACE_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_PLACE_ERRORS = {errno.EACCES, errno.EROFS, errno.EPERM, errno.EEXIST, errno.ENOTDIR, errno.EISDIR}


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn a full disk, a missing permission or a file where a folder must be into one clear line about `path`."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        # h5py reports the system error only inside its text, without an errno
        full = error.errno in _SPACE_ERRORS or "No space left" in str(error) or "File too large" in str(error)
        if full:
            msg = f"no space left while writing {path}; nothing was changed: free some space and run again"
            raise StorageError(errno.ENOSPC, msg) from error
        if error.errno in _PLACE_ERRORS:
            msg = f"{path} cannot be written ({error.strerror}); nothing was changed"
            raise StorageError(error.errno, msg) from error
        raise


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Temporary path beside `path` to write a file or a folder to; renamed to `path` on success, removed on failure.

    The temporary name carries the process id: two runs at once do not meet, and what a killed run leaves has a name
    (``.<name>.<pid>.part``) that no later run reads.

    Raises
    ------
    StorageError
        If the disk is full or `path` cannot be written.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        _remove(part)
        try:
            yield part
            _replace(part, path)
        finally:
            _remove(part)


def _replace(part: Path, path: Path) -> None:
    """Rename `part` to `path`; an older folder of that name gives way."""
    if path.is_dir():
        shutil.rmtree(path)
    part.replace(path)


def _remove(path: Path) -> None:
    """Delete the file or folder at `path` if there is one."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all."""
    with atomic_path(path) as part:
        part.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 to `path`, whole or not at all."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON to `path`; a NaN is refused, because JSON has none."""
    write_text(path, json.dumps(value, indent=1, allow_nan=False) + "\n")


def read_json(path: Path, made_by: str) -> Any:
    """Content of the JSON file `path`; `made_by` is the command that writes it, for the message when it is absent.

    Raises
    ------
    DataError
        If the file is missing or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        msg = f"{path} does not exist; make it with: {made_by}"
        raise DataError(msg) from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        msg = f"{path} is not JSON ({error}); make it again with: {made_by}"
        raise DataError(msg) from error


def digest_of(value: Any) -> str:
    """SHA-256 in hexadecimal of bytes, or of the canonical JSON of anything else."""
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
