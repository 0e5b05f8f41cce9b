"""Decision files of partitions behind one another, each as soon as all before it are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from l1ml.data.event_layout import part_path
from l1ml.data.jobs.workers import Job
from l1ml.progress import SILENT, Progress
from l1ml.trigger.decision_file import DecisionFile, DecisionHeader
from l1ml.trigger.decision_writer import DecisionWriter
from l1ml.trigger.menus.prescale import Prescale
from l1ml.trigger.partitions.emulation_job import EmulationJob
from l1ml.trigger.partitions.finishing_job import FinishingJob, counters_after

__all__ = ["JoinedFile"]

_CHUNK = 1 << 16
"""Crossings that are copied at once."""


class JoinedFile:
    """One decision file of those of many partitions, as a context manager; who stops it loses nothing but that.

    Files are copied while others are still made, until a partition begins with counters that are not zero: it and all behind it
    wait for `finish`, because the right decisions are in files that are made later. Where a partition begins with a chunk of the
    file, its chunks are copied packed, in a tenth of the time.

    Parameters
    ----------
    path : Path
        File to make.
    jobs : sequence of EmulationJob
        Partitions, in order.
    header : DecisionHeader
        Header of the file, before the first partition says which algorithms have bits.
    prescales : mapping of str to Prescale
        Of each algorithm of the menu.
    """

    def __init__(
        self, path: Path, jobs: Sequence[EmulationJob], header: DecisionHeader, prescales: Mapping[str, Prescale]
    ) -> None:
        self._path, self._jobs, self._prescales = path, jobs, prescales
        self._writer = DecisionWriter(path, header, resumable=False)
        self._ready: set[Path] = set()
        self._known: list[FinishingJob] = []
        self._joined, self._source = 0, -1
        self._counters = dict.fromkeys(prescales, 0)

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._writer.__exit__(kind, error, trace)
        if error is not None:
            part_path(self._path).unlink(missing_ok=True)

    @property
    def needed(self) -> list[FinishingJob]:
        """What has to be done before `finish`, once all partitions were added."""
        return [item for item in self._known if item.is_needed]

    def add(self, job: Job) -> None:
        """Take up that the file of `job`, one of the partitions, is there: in any order."""
        self._ready.add(job.path)
        while len(self._known) < len(self._jobs) and self._jobs[len(self._known)].path in self._ready:
            self._read(self._jobs[len(self._known)])

    def finish(self, progress: Progress) -> int:
        """Copy what is not copied yet; how many crossings the file has."""
        progress.advance(self._writer.n)
        for item in self._known[self._joined :]:
            with DecisionFile(item.source) as file:
                self._append(item, file, progress)
        return self._writer.n

    def _read(self, job: EmulationJob) -> None:
        """Add up the counters of the next partition, and copy it if it is its turn."""
        with DecisionFile(job.path) as file:
            after = counters_after(self._counters, file.counters, self._prescales)
            item = FinishingJob(job, self._counters, after)
            if self._joined == len(self._known) and not item.is_needed:
                self._append(item, file, SILENT)
        self._known.append(item)
        self._counters = after

    def _append(self, item: FinishingJob, file: DecisionFile, progress: Progress) -> None:
        start = item.emulation.partition.start
        self._source += start == 0
        is_packed = self._writer.takes(file.packed)
        step = len(file) if is_packed else _CHUNK
        for first in range(0, len(file), step):
            last = min(first + step, len(file))
            batch = file.packed if is_packed else file.stored(slice(first, last))
            place = {"source": self._source, "crossing": start + last}
            resume = {**file.resume, **place} | ({"counters": dict(item.after)} if item.after else {})
            self._writer.append(batch, replace(file.header, sources=self._writer.header.sources), resume)
            progress.advance(last - first)
        self._joined += 1
