"""Looking for everything that can be wrong with an event file, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.block_digests import BlockDigests
from l1ml.data.event_file import EventFile
from l1ml.data.event_identity import duplicate_rows, identities
from l1ml.data.event_layout import BLOCK_ROWS
from l1ml.data.schema import EventSchema
from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress

__all__ = ["FileCheck", "check_events"]

_SHOWN = 20
_LAST_BX = 3563


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What `check_events` found.

    Parameters
    ----------
    path : str
        The file.
    n_events : int
        Its rows.
    digest : str or None
        That of its rows, as the header promises it; None in a file of version 1, whose rows cannot be compared with anything.
    n_problems : int
        Problems in all.
    problems : tuple of str
        The first of them, one line each.
    """

    path: str
    n_events: int
    digest: str | None
    n_problems: int
    problems: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def check_events(path: Path, *, progress: Progress = SILENT) -> FileCheck:
    """Check every word against its width, masks against zeros, numbers against NaN, rows against digests and each other.

    Memory is bounded by a block of rows, and 40 bytes a row for the search for crossings that are there twice.

    Raises
    ------
    DataError
        If the file cannot be opened.
    SchemaError
        If it is not an event file.
    """
    problems: list[str] = []
    with EventFile(path, unfinished=True) as file:
        progress.start(f"checking {path.name}", len(file))
        promised = file.block_digests()
        for start in range(0, len(file), BLOCK_ROWS):
            rows = slice(start, min(start + BLOCK_ROWS, len(file)))
            problems += _block_problems(file, rows, promised[start // BLOCK_ROWS :][:1])
            progress.advance(rows.stop - rows.start)
        progress.finish()
        if not problems:
            problems += [
                f"rows {first} and {second} are the same crossing" for first, second in duplicate_rows([identities(file)])
            ]
        if not len(file):
            problems.append("there are no rows")
        return FileCheck(str(path), len(file), file.digest, len(problems), tuple(problems[:_SHOWN]))


def _block_problems(file: EventFile, rows: slice, promised: NDArray[np.uint8]) -> list[str]:
    """What is wrong with the rows of one block."""
    try:
        columns = {name: file.column(name, rows) for name in file.columns}
    except DataError as error:
        return [str(error).removeprefix(f"{file.path} ")]
    found = [f"{name} {what}" for name, what in _column_problems(file.schema, columns, rows.start, len(file.processes))]
    if len(promised) and (BlockDigests().add(columns, rows.stop - rows.start)[1] != promised).any():
        found.append(f"rows {rows.start} to {rows.stop - 1} are not those that were written: their digest differs")
    return found


def _column_problems(
    schema: EventSchema, columns: Mapping[str, NDArray[Any]], start: int, n_processes: int
) -> Iterator[tuple[str, str]]:
    """Name and fault of every column with one; `start` is the number of the first row."""
    for item in schema.objects:
        own = f"collections/{item.name}"
        mask = columns.get(f"{own}/valid")
        for entry in item.fields:
            words = columns[f"{own}/{entry.column}"]
            why = f"outside {entry.scale.min_word}..{entry.scale.max_word} ({entry.scale.n_bits} bits)"
            yield from _fault(f"{item.name}/{entry.column}", words, ~entry.scale.format.contains(words), start, why)
        for name in item.columns if mask is not None else ():
            hidden = (columns[f"{own}/{name}"] != 0) & (mask == 0)
            why = "though its mask says that the slot is empty"
            yield from _fault(f"{item.name}/{name}", columns[f"{own}/{name}"], hidden, start, why)
    for name, values in columns.items():
        if values.dtype.kind == "f":
            yield from _fault(name.removeprefix("collections/"), values, ~np.isfinite(values), start, "not a number")
    for name, last in (("bx", _LAST_BX), ("process", n_processes - 1)):
        numbers = columns.get(f"crossing/{name}")
        if numbers is not None:
            yield from _fault(f"crossing/{name}", numbers, (numbers < 0) | (numbers > last), start, f"outside 0..{last}")


def _fault(name: str, values: NDArray[Any], wrong: NDArray[Any], start: int, why: str) -> Iterator[tuple[str, str]]:
    """The first wrong value of a column, and how many there are."""
    if wrong.any():
        place = tuple(int(index[0]) for index in np.nonzero(wrong))
        slot = f", slot {place[1]}" if len(place) > 1 else ""
        yield name, f"holds {values[place]} at row {start + place[0]}{slot}: {why}; {int(wrong.sum())} such values in its block"
