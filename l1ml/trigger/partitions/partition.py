"""Ranges of files that can be decided apart from each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from l1ml.data.event_file import EventFile
from l1ml.data.readers import reader_of
from l1ml.data.text_lines import line_length
from l1ml.data.ugt_vectors import N_CROSSINGS
from l1ml.errors import ConfigError, DataError, SchemaError
from l1ml.trigger.crossing_source import ORBITS_AT_ONCE, CrossingSource
from l1ml.trigger.partitions.draw_bounds import draw_bounds

__all__ = ["EVENTS", "Partition", "partitions_of"]

EVENTS, _VECTORS = "l1ml", "ugt"
_FEWEST, _MOST = 1 << 17, 1 << 21
_SHARES = 64
"""Partitions of a large file: many for a few workers, which then end together, and enough for a cluster."""


@dataclass(frozen=True, slots=True)
class Partition:
    """Some crossings of a file, as few bytes.

    Parameters
    ----------
    path : Path
        The file.
    form : str
        Its format, one of `l1ml.data.readers`.
    digest : str
        SHA-256 of its content.
    size, modified : int
        Bytes and time of the last change (ns), by which a worker sees that it reads the same file.
    start : int
        First crossing.
    stop : int, optional
        Where it ends; None for the end of the file.
    """

    path: Path
    form: str
    digest: str
    size: int
    modified: int
    start: int = 0
    stop: int | None = None

    def __str__(self) -> str:
        if self.start == 0 and self.stop is None:
            return str(self.path)
        return f"{self.path}, crossings from {self.start} to " + ("the end" if self.stop is None else str(self.stop - 1))

    @contextmanager
    def named_errors(self) -> Iterator[None]:
        """Say in errors about data, schema or configuration which crossings they came from, if they do not."""
        try:
            yield
        except (ConfigError, DataError, SchemaError) as error:
            if str(self) in str(error):
                raise
            kind = next(kind for kind in (ConfigError, SchemaError, DataError) if isinstance(error, kind))
            msg = f"{self}: {error}"
            raise kind(msg) from error

    def source(self, era: str | None = None) -> CrossingSource:
        """The crossings; `era` as for `CrossingSource`.

        Raises
        ------
        DataError
            If the file is gone or has changed.
        """
        self._check()
        return CrossingSource(self.path, era, start=self.start, stop=self.stop, digest=self.digest)

    def _check(self) -> None:
        """Refuse a file that is another one by now."""
        if not self.path.is_file():
            msg = f"{self.path} is not a file (any more); workers need the files under the same paths"
            raise DataError(msg)
        found = self.path.stat()
        if (found.st_size, found.st_mtime_ns) != (self.size, self.modified):
            msg = f"{self.path} has changed since the run began; wait until it is complete, then run again"
            raise DataError(msg)


def partitions_of(files: Sequence[Path], crossings: int | None, *, keep_copies: bool = True) -> list[Partition]:
    """All of `files` in ranges of about `crossings`, in order.

    Parameters
    ----------
    files : sequence of Path
        Event files are cut where no collision has copies on both sides, vectors between batches of orbits if they are not
        packed; any other file is one range, because it can be read from the beginning only.
    crossings : int, optional
        In a range, about. By default a 64th of an event file, but 131072 to 2097152 and a multiple of the former, which is what
        is read and packed at once; 131072 of other files. It depends on the file alone, so that a second run with other workers
        finds the same ranges.
    keep_copies : bool
        Whether copies of a collision must stay together; else event files are cut anywhere.

    Raises
    ------
    ConfigError
        If `crossings` is less than one.
    DataError, SchemaError
        If a file is missing, of no known format, damaged or holds nothing.
    """
    if crossings is not None and crossings < 1:
        msg = f"a partition needs crossings, received {crossings}"
        raise ConfigError(msg)
    return [part for path in files for part in _divided(path, crossings, keep_copies=keep_copies)]


def _divided(path: Path, crossings: int | None, *, keep_copies: bool) -> Iterator[Partition]:
    reader, found = reader_of(path), path.stat()
    digest = CrossingSource(path).digest
    starts, end = _starts(path, reader.name, crossings, keep_copies=keep_copies)
    for start, stop in zip(starts, [*starts[1:], end], strict=True):
        yield Partition(path.absolute(), reader.name, digest, found.st_size, found.st_mtime_ns, start, stop)


def _starts(path: Path, form: str, crossings: int | None, *, keep_copies: bool) -> tuple[list[int], int | None]:
    """First crossings of the ranges, and where the last one ends."""
    if form == EVENTS:
        with EventFile(path) as file:
            if not len(file):
                msg = f"{path} holds no events"
                raise DataError(msg)
            size = _share(len(file)) if crossings is None else crossings
            starts = list(range(0, len(file), size))
            if keep_copies:
                starts = draw_bounds(file.column("group", slice(None)), size)[:-1]
            return starts, len(file)
    length = line_length(path) if form == _VECTORS else None
    if length is None:
        return [0], None
    batch = ORBITS_AT_ONCE * N_CROSSINGS
    step = batch * max(1, (_FEWEST if crossings is None else crossings) // batch)
    return list(range(0, max(1, path.stat().st_size // length), step)), None


def _share(n_crossings: int) -> int:
    """Crossings in a partition of an event file that has `n_crossings`."""
    return min(max(-(-n_crossings // _SHARES // _FEWEST), 1) * _FEWEST, _MOST)
