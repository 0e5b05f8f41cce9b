"""The rows of a scan as CSV and as HDF5: one row for each design, one column for each figure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from l1ml.storage import atomic_path, write_text

__all__ = ["write_csv", "write_hdf5"]

Rows = Sequence[Mapping[str, Any]]


def write_csv(path: Path, rows: Rows) -> None:
    """Write `rows` as CSV with a head line; what was not measured is an empty cell.

    Raises
    ------
    StorageError
        If the disk is full.
    """
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _columns(rows), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(row.get(name)) for name in _columns(rows)} for row in rows)
    write_text(path, stream.getvalue())


def write_hdf5(path: Path, content: Mapping[str, Any]) -> None:
    """Write the designs of `content` as the table ``designs``; the grid stands in the attribute ``scan``, as JSON.

    Numbers that were not measured are NaN, texts empty.

    Raises
    ------
    StorageError
        If the disk is full.
    """
    rows = content["designs"]
    columns = {name: _array([row.get(name) for row in rows]) for name in _columns(rows)}
    table = np.empty(len(rows), dtype=[(name, array.dtype) for name, array in columns.items()])
    for name, array in columns.items():
        table[name] = array
    with atomic_path(path) as part, h5py.File(part, "w") as file:
        file.create_dataset("designs", data=table)
        file.attrs.update({"format": content["format"], "model": content["model"], "scan": json.dumps(content["scan"])})


def _columns(rows: Rows) -> list[str]:
    """Names in the order in which they first appear."""
    return list(dict.fromkeys(name for row in rows for name in row))


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, Mapping) else value


def _array(values: Sequence[Any]) -> Any:
    """A column: bool, int64 or float64 where all values are, else UTF-8 text."""
    present = [value for value in values if value is not None]
    if present and len(present) == len(values) and all(isinstance(value, bool) for value in present):
        return np.array(values, bool)
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in present):
        whole = len(present) == len(values) and all(isinstance(value, int) for value in present)
        return np.array(values, np.int64) if whole else np.array([np.nan if v is None else v for v in values], np.float64)
    texts = ["" if value is None else str(_cell(value)) for value in values]
    return np.array(texts, h5py.string_dtype())
