"""What makes two rows the same crossing: process, run, luminosity block and event number, as far as a file has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from l1ml.data.event_file import EventFile
from l1ml.data.event_layout import BLOCK_ROWS

__all__ = ["duplicate_rows", "identities", "process_numbers"]

_NUMBERS = ("crossing/run", "crossing/luminosity_block")


def process_numbers(file: EventFile, rows: slice, names: Sequence[str]) -> NDArray[np.int64]:
    """For the crossings `rows` of `file` the index of their process in `names`."""
    index = np.array([names.index(name) for name in file.processes], dtype=np.int64)
    if "crossing/process" in file.columns:
        return np.asarray(index[file.column("crossing/process", rows)], dtype=np.int64)
    start, stop, _ = rows.indices(len(file))
    return np.full(stop - start, index[0] if index.size == 1 else -1, np.int64)


def identities(file: EventFile, names: Sequence[str] | None = None) -> NDArray[np.int64]:
    """Process (index into `names`), run, luminosity block and event number of every row, shape (4, n); what is unknown is -1."""
    keys = np.full((4, len(file)), -1, np.int64)
    for start in range(0, len(file), BLOCK_ROWS * 8):
        rows = slice(start, min(start + BLOCK_ROWS * 8, len(file)))
        keys[0, rows] = process_numbers(file, rows, names or file.processes)
        for place, name in enumerate(_NUMBERS, 1):
            if name in file.columns:
                keys[place, rows] = file.column(name, rows)
        keys[3, rows] = file.column("event", rows).view(np.int64)
    return keys


def duplicate_rows(keys: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Pairs (first row, later row) of equal identities, shape (k, 2), rows counted through all of `keys`."""
    joined = np.concatenate(list(keys), axis=1)
    varying = [row for row in joined if row.size and (row != row[0]).any()] or [joined[-1]]
    order = np.lexsort(varying)
    same = np.ones(max(0, order.size - 1), np.bool_)
    for row in varying:
        ordered = row[order]
        same &= ordered[1:] == ordered[:-1]
    places = np.nonzero(same)[0]
    return np.stack([order[places], order[places + 1]], axis=1)
