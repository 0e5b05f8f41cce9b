"""The file of something learnt: a line of JSON that says what it is, and arrays, under one digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError, SchemaError
from l1ml.storage import digest_of
from offline.array_file import read_arrays, write_arrays

__all__ = ["read_learnt", "write_learnt"]

_FORMAT = "l1ml-learnt-1"
_HEADER = "header"


def write_learnt(path: Path, kind: str, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a file, whole or not at all.

    Parameters
    ----------
    path : Path
        Where.
    kind : str
        Of what was learnt.
    header : mapping
        Settings and records, as JSON takes them; the order of keys is kept.
    arrays : mapping
        Everything else.
    """
    content = {"format": _FORMAT, "kind": kind, "digest": _digest(header, arrays), **header}
    text = np.frombuffer(json.dumps(content, allow_nan=False).encode(), np.uint8)
    # an open file keeps its name: numpy would add a suffix
    write_arrays(path, {_HEADER: text, **arrays})


def read_learnt(path: Path, kind: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Header and arrays of a file, after a check of their digest.

    Raises
    ------
    DataError
        If the file is missing, truncated or damaged.
    SchemaError
        If something else was learnt.
    """
    if not path.is_file():
        msg = f"{path} does not exist; make it with: l1ml-offline infer train <configuration>"
        raise DataError(msg)
    arrays = read_arrays(path)
    try:
        header = json.loads(arrays.pop(_HEADER).tobytes())
        found, digest, form = header.pop("kind"), header.pop("digest"), header.pop("format")
    except (KeyError, ValueError) as error:
        msg = f"{path} is not a file of something learnt: {error}"
        raise SchemaError(msg) from error
    if form != _FORMAT or found != kind:
        msg = f"{path} holds a {found} ({form}), expected a {kind} ({_FORMAT})"
        raise SchemaError(msg)
    if digest != _digest(header, arrays):
        msg = f"{path} is damaged or was edited: its content does not have the SHA-256 that it was written with; train again"
        raise DataError(msg)
    return header, arrays


def _digest(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over everything but itself."""
    parts = [
        [name, values.dtype.str, list(values.shape), hashlib.sha256(np.ascontiguousarray(values).data).hexdigest()]
        for name, values in sorted(arrays.items())
    ]
    return digest_of([json.dumps(header), parts])
