"""Several event files as one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from l1ml.data.event_file import EventFile
from l1ml.data.event_identity import duplicate_rows, identities, process_numbers
from l1ml.data.event_layout import BLOCK_ROWS
from l1ml.data.event_writer import EventWriter
from l1ml.errors import DataError, SchemaError
from l1ml.progress import SILENT, Progress

__all__ = ["merge_events"]

_PROCESS = "crossing/process"
_ROWS = 8 * BLOCK_ROWS


def merge_events(paths: Sequence[Path], output: Path, *, allow_duplicates: bool = False, progress: Progress = SILENT) -> int:
    """Write the crossings of all `paths`, file by file, to `output`.

    Files of different processes get the column ``process``. Weights stay what they are: each is a share of its own process.

    Parameters
    ----------
    paths : sequence of Path
        Event files with the same schema and the same optional columns.
    output : Path
        The file to make.
    allow_duplicates : bool
        Keep crossings that are in the files more than once.
    progress : Progress
        Told about rows.

    Returns
    -------
    int
        Rows of the result.

    Raises
    ------
    SchemaError
        If schemas or columns differ.
    DataError
        If a file is damaged, or a crossing is there twice.
    """
    with ExitStack() as stack:
        files = [stack.enter_context(EventFile(path)) for path in paths]
        _check_alike(files)
        names = tuple(dict.fromkeys(name for file in files for name in file.processes))
        if not allow_duplicates:
            _check_different(files, names)
        numbered = len(names) > 1 or any(_PROCESS in file.columns for file in files)
        progress.start(f"merging into {output.name}", sum(len(file) for file in files))
        provenance = {"merged_from": [file.origin for file in files]}
        with EventWriter(output, files[0].schema, process=names, provenance=provenance) as writer:
            for file in files:
                for start in range(0, len(file), _ROWS):
                    rows = slice(start, min(start + _ROWS, len(file)))
                    events = replace(file[rows], processes=names)
                    numbers = {"process": process_numbers(file, rows, names)} if numbered else {}
                    writer.append(replace(events, crossing={**events.crossing, **numbers}))
                    progress.advance(len(events))
        progress.finish()
        return sum(len(file) for file in files)


def _check_alike(files: Sequence[EventFile]) -> None:
    """Refuse files whose rows are not made of the same columns."""
    full = [file for file in files if len(file)]
    if not full:
        msg = "there are no crossings to merge"
        raise DataError(msg)
    first = full[0]
    for file in full[1:]:
        if file.schema.digest != first.schema.digest:
            msg = (
                f"{file.path} holds schema {file.schema.name!r} ({file.schema.digest[:8]}), "
                f"{first.path} {first.schema.name!r} ({first.schema.digest[:8]})"
            )
            raise SchemaError(msg)
        differ = (set(file.columns) ^ set(first.columns)) - {_PROCESS}
        if differ:
            msg = f"{first.path} and {file.path} differ in the columns {', '.join(sorted(differ))}"
            raise SchemaError(msg)
    for file in full:
        if len(file.processes) != 1 and _PROCESS not in file.columns:
            msg = f"{file.path} does not say which of {', '.join(file.processes) or 'its processes'} a crossing is of"
            raise SchemaError(msg)


def _check_different(files: Sequence[EventFile], names: Sequence[str]) -> None:
    """Refuse crossings that are in the files more than once."""
    pairs = duplicate_rows(identities(file, names) for file in files)
    if len(pairs):
        ends = np.cumsum([len(file) for file in files])
        places = []
        for row in pairs[0]:
            index = int(np.searchsorted(ends, row, side="right"))
            places.append(f"row {row - ends[index] + len(files[index])} of {files[index].path}")
        msg = f"{len(pairs)} crossings are there twice: {places[0]} is {places[1]}; keep them with --allow-duplicates"
        raise DataError(msg)
