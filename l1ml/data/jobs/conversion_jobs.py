"""Conversion of many files, one job each, on the workers that generation has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from l1ml.data.event_conversion import convert_events
from l1ml.data.event_file import file_info
from l1ml.data.jobs.crew import crew_of
from l1ml.data.jobs.part_files import attempt
from l1ml.data.jobs.workers import is_whole
from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Checking, Progress

__all__ = ["ConversionJob", "convert_files"]


@dataclass(frozen=True)
class ConversionJob:
    """One file of any format that is read, as an event file.

    Parameters
    ----------
    source, path : Path
        The file to read, the event file to make.
    name, process : str, optional
        Format and physics process; see `l1ml.data.event_conversion.convert_events`.
    options : mapping
        What the reader of the format takes.
    """

    source: Path
    path: Path
    name: str | None = None
    process: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""
        return 1

    def is_done(self) -> bool:
        """Whether the event file is there and whole."""
        return is_whole(self.path, file_info)

    def run(self, check: Callable[[], None]) -> None:
        """Convert the file; `check` is called before each batch of rows is counted."""
        check()
        with attempt(self.path) as own:
            progress = Checking(check)
            convert_events(self.source, own, name=self.name, process=self.process, options=self.options, progress=progress)


def convert_files(
    sources: Iterable[Path],
    folder: Path,
    *,
    name: str | None = None,
    process: str | None = None,
    options: Mapping[str, Any] | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress = SILENT,
) -> list[Path]:
    """Convert every file into ``<stem>.h5`` in `folder`; event files that are there already are kept.

    Parameters
    ----------
    sources : iterable of Path
        Files to read, of different stems.
    folder : Path
        Where the event files go.
    name, process, options
        As for `l1ml.data.event_conversion.convert_events`.
    workers, scheduler, progress
        As for `l1ml.data.jobs.crew.crew_of`.

    Raises
    ------
    ConfigError
        If two files would become the same event file.
    """
    jobs = [
        ConversionJob(path.absolute(), (folder / f"{path.name.split('.')[0]}.h5").absolute(), name, process, dict(options or {}))
        for path in sources
    ]
    for job in jobs:
        twins = [str(other.source) for other in jobs if other.path == job.path]
        if len(twins) > 1 or job.source == job.path:
            msg = f"{job.path} would be made of {', '.join(twins)}; give files of different names, and another folder"
            raise ConfigError(msg)
    with crew_of(workers, scheduler) as crew:
        crew.run("files", jobs, progress)
    return [job.path for job in jobs]
