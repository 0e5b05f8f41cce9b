"""Every way in which a damaged binary file can fail, as one error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from l1ml.errors import DataError, L1mlError

__all__ = ["damage"]


@contextmanager
def damage(path: Path, kind: str) -> Iterator[None]:
    """What a parser of binary data runs into in a damaged file, of whatever class, as a DataError that names the file."""
    try:
        yield
    except L1mlError:
        raise
    except Exception as error:  # there are as many ways to fail as there are bytes
        what = (str(error).strip() or "no message").splitlines()[0]
        msg = f"{path} is truncated, damaged or not {kind} ({type(error).__name__}: {what})"
        raise DataError(msg) from error
