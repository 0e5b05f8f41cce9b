"""Training on the crossings of event files as if they came past once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from l1ml.data import EventFile
from l1ml.data.crossing_quantity import CrossingQuantity
from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT, Progress
from l1ml.storage import digest_of
from l1ml.training.online.flow_file import read_flow, write_flow
from l1ml.training.online.online_flow import OnlineFlow
from l1ml.training.online.settings import OnlineSettings, Quantity

__all__ = ["train_on_files"]


def train_on_files(
    events: Sequence[Path],
    quantities: Sequence[Quantity],
    settings: OnlineSettings,
    target: Path,
    *,
    progress: Progress = SILENT,
) -> OnlineFlow:
    """Flow of the crossings of `events`, one file after the other, each weighted and read once.

    The flow is written after every buffer. If `target` is there already, it goes on where that one stopped: the bytes in the end
    are the same.

    Parameters
    ----------
    events : sequence of Path
        Event files.
    quantities : sequence of Quantity
        With names that `CrossingQuantity` knows; a crossing without the objects is out of range.
    settings : OnlineSettings
        Size and schedule.
    target : Path
        File of the flow.
    progress : Progress
        Told about crossings.

    Raises
    ------
    ConfigError
        If `target` is the flow of another stream, or of other quantities or settings.
    DataError
        If nothing is in range.
    """
    columns = [CrossingQuantity.parse(item.name) for item in quantities]
    flow, stream = _begin(events, quantities, settings, target)
    progress.start("stream", sum(_length(path) for path in events))
    progress.advance(flow.learned)
    first = 0
    for path in events:
        with EventFile(path) as file:
            for start in range(max(flow.seen - first, 0), len(file), settings.buffer):
                crossings = file.read(slice(start, start + settings.buffer))
                learned = flow.buffers
                flow.see(np.stack([column.of(crossings) for column in columns], axis=1), crossings.weight)
                if flow.buffers > learned:
                    write_flow(flow, target, stream)
                progress.advance(len(crossings))
            first += len(file)
    flow.flush()
    if not flow.buffers:
        ranges = ", ".join(f"{item.low} <= {item.name} < {item.high}" for item in quantities)
        msg = f"none of the {flow.seen} crossings has a weight and {ranges}: widen the ranges"
        raise DataError(msg)
    write_flow(flow, target, stream)
    progress.finish()
    return flow


def _begin(
    events: Sequence[Path], quantities: Sequence[Quantity], settings: OnlineSettings, target: Path
) -> tuple[OnlineFlow, str]:
    """A new flow, or the one in `target`; and the digest of the stream."""
    digests = []
    for path in events:
        with EventFile(path) as file:
            digests.append([file.digest, len(file)])
    stream = digest_of(digests)
    if not target.exists():
        return OnlineFlow(quantities, settings), stream
    flow, known = read_flow(target)
    if (known, flow.quantities, flow.settings) != (stream, tuple(quantities), settings):
        msg = f"{target} is the flow of another stream, other quantities or other settings: remove it, or name another file"
        raise ConfigError(msg)
    return flow, stream


def _length(path: Path) -> int:
    with EventFile(path) as file:
        return len(file)
