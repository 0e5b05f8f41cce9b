"""One event file as several, by what each crossing is and not by where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from l1ml.data.event_file import EventFile
from l1ml.data.event_writer import EventWriter
from l1ml.data.splits import split_of
from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress

__all__ = ["split_events"]


def split_events(path: Path, outputs: Mapping[Path, float], *, progress: Progress = SILENT) -> dict[Path, int]:
    """Write each crossing of `path` to one of `outputs`, decided by its group as `split_of` does.

    Parameters
    ----------
    path : Path
        Event file.
    outputs : mapping of Path to float
        Files to make, each with its share; the shares add up to 1. The order matters: it is that of `split_of`.
    progress : Progress
        Told about rows.

    Returns
    -------
    dict of Path to int
        Rows of each file.

    Raises
    ------
    ConfigError
        If the shares are not positive or do not add up to 1.
    DataError
        If the file is damaged, or so small that an output would be empty; then nothing is written.
    """
    fractions = list(outputs.values())
    with EventFile(path) as file, ExitStack() as stack:
        progress.start(f"splitting {path.name}", len(file))
        writers = []
        for number, output in enumerate(outputs):
            part = {"part": number, "fractions": fractions, "by": "split_of(group)"}
            writer = EventWriter(
                output, file.schema, process=file.processes, provenance={"split_from": file.origin, **part}
            )  # fmt: skip
            writers.append(stack.enter_context(writer))
        counts = dict.fromkeys(outputs, 0)
        for events in file.iterate():
            part_of = split_of(events.group, fractions)
            for number, (output, writer) in enumerate(zip(outputs, writers, strict=True)):
                mine = events.select(part_of == number)
                writer.append(mine)
                counts[output] += len(mine)
            progress.advance(len(events))
        progress.finish()
        empty = [output.name for output, n in counts.items() if not n]
        if empty:
            msg = f"no crossing of {path} ({len(file)} in all) falls to {', '.join(empty)}; nothing was written"
            raise DataError(msg)
        return counts
