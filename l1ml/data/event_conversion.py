"""Files of any format that l1ml reads as event files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

from l1ml.data.event_layout import BLOCK_ROWS
from l1ml.data.event_writer import EventWriter
from l1ml.data.readers import reader_called, reader_of, reader_options
from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress

__all__ = ["convert_events"]


def convert_events(
    path: Path,
    output: Path,
    *,
    name: str | None = None,
    process: str | None = None,
    options: Mapping[str, Any] = MappingProxyType({}),
    chunk: int = 4 * BLOCK_ROWS,
    progress: Progress = SILENT,
) -> int:
    """Read `path` as a stream and write the event file `output`.

    Parameters
    ----------
    path : Path
        File of any format of `l1ml.data.readers`.
    output : Path
        Event file to make.
    name : str, optional
        The format; by default what the file looks like.
    process : str, optional
        Name of the physics process; by default what the file says, else the name of the file.
    options : mapping
        What the reader of the format takes, for instance the era.
    chunk : int
        Crossings in memory at once.
    progress : Progress
        Told about rows.

    Returns
    -------
    int
        Rows of the result.

    Raises
    ------
    ConfigError
        If there is no such format or option.
    DataError
        If the file is damaged or empty; nothing is written.
    SchemaError
        If no reader knows the file.
    """
    reader = reader_of(path) if name is None else reader_called(name)
    batches = reader.iterate(path, chunk=chunk, **reader_options(reader, options))
    first = next(batches, None)
    if first is None:
        msg = f"{path} holds no events"
        raise DataError(msg)
    names = (process,) if process is not None and len(first.processes) < 2 else first.processes or (_stem(path),)
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    source = {"file": path.name, "sha256": digest, "format": reader.name, "options": dict(options)}
    progress.start(f"converting {path.name}")
    n = 0
    with EventWriter(output, first.schema, process=names, provenance={"converted_from": source}) as writer:
        for events in chain([first], batches):
            writer.append(replace(events, processes=names))
            n += len(events)
            progress.advance(len(events))
    progress.finish()
    return n


def _stem(path: Path) -> str:
    """Name of a file without any ending."""
    return path.name.split(".", maxsplit=1)[0]
