"""Emulation of many files by any number of workers: one decision file, the same crossings and bits however divided.

What a menu's conditions say of a crossing depends on the batch of whole orbits around it at most, but a prescale counter on all
firings before. Workers therefore emulate partitions with counters at zero first. What the counters hold at the end of each, added
up modulo the prescale, is what they hold at the beginning of the next one; those that do not begin with zero get their final bits
a second time. Then the files are copied behind one another.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from l1ml.data.jobs.crew import crew_of
from l1ml.data.jobs.part_files import parts_folder
from l1ml.progress import SILENT, Progress
from l1ml.trigger.crossing_source import CrossingSource, total_crossings
from l1ml.trigger.decision_file import DecisionFile, DecisionHeader
from l1ml.trigger.decision_writer import DecisionWriter
from l1ml.trigger.partitions.emulation_job import EmulationJob
from l1ml.trigger.partitions.emulation_question import EmulationQuestion
from l1ml.trigger.partitions.finishing_job import FinishingJob, counters_between
from l1ml.trigger.partitions.partition import partitions_of

__all__ = ["emulate_partitions"]

_WHOLE = "whole.h5"
_CHUNK = 1 << 16
"""Crossings that are copied at once."""


def emulate_partitions(
    question: EmulationQuestion,
    files: Sequence[Path],
    output: Path,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    threads: int = 1,
    crossings: int | None = None,
    progress: Progress = SILENT,
) -> int:
    """Write the decision file `output` of all crossings of `files`: the same as `l1ml.trigger.file_emulation.emulate_files`.

    Parameters
    ----------
    question : EmulationQuestion
        What to emulate.
    files : sequence of Path
        One after the other; prescale counters go on from file to file.
    output : Path
        Decision file to make. Those of finished partitions are in the folder ``<name>-parts`` beside it until it is whole: a
        second run takes them, and each can be read by itself, with prescale counters that start at zero.
    workers, scheduler, progress
        As for `l1ml.data.jobs.crew.crew_of`.
    threads : int
        Batches that each worker computes at once.
    crossings : int, optional
        In a partition, about; see `partitions_of`.

    Returns
    -------
    int
        Crossings in the file.

    Raises
    ------
    L1mlError
        As `partitions_of`, `EmulationJob.run` and `l1ml.data.jobs.workers.Workers.run`; what is finished is kept.
    """
    folder = parts_folder(output)
    parts = partitions_of(files, crossings, keep_copies=False)
    jobs = [EmulationJob(question, part, folder, threads) for part in parts]
    with crew_of(min(workers, len(jobs)) if workers > 1 else workers, scheduler) as crew:
        crew.run("partitions", jobs, progress)
        finishing = _finishing_jobs(question, jobs)
        crew.run("prescales", [job for job in finishing if job.is_needed], progress)
        # the workers end while the parent goes on
        digests = {part.path: part.digest for part in parts}
        sources = [CrossingSource(path, question.era, digest=digests[path.absolute()]) for path in files]
        progress.start("crossings put together", total_crossings(sources))
        n = _put_together(finishing, question.tools.header(sources), folder / _WHOLE, progress)
        progress.finish()
    (folder / _WHOLE).replace(output)
    shutil.rmtree(folder)
    return n


def _finishing_jobs(question: EmulationQuestion, jobs: Sequence[EmulationJob]) -> list[FinishingJob]:
    """Each of `jobs` with the counters before and behind it."""
    menu, ends = question.tools.menu, []
    for job in jobs:
        with DecisionFile(job.path) as file:
            ends.append(file.counters)
    states = counters_between(ends, {} if menu is None else {item.name: item.prescale for item in menu.algorithms})
    return [FinishingJob(job, state, after) for job, (state, after) in zip(jobs, pairwise(states), strict=True)]


def _put_together(jobs: Sequence[FinishingJob], header: DecisionHeader, path: Path, progress: Progress) -> int:
    """Write the files of all `jobs` behind one another to `path`; who stops it loses nothing but that.

    Where a partition begins with a chunk of the file, its chunks are copied packed, in a tenth of the time.
    """
    with DecisionWriter(path, header, resumable=False) as writer:
        source = -1
        for job in jobs:
            source += job.emulation.partition.start == 0
            with DecisionFile(job.source) as file:
                is_packed = writer.takes(file.packed)
                step = len(file) if is_packed else _CHUNK
                for start in range(0, len(file), step):
                    stop = min(start + step, len(file))
                    batch = file.packed if is_packed else file.stored(slice(start, stop))
                    place = {"source": source, "crossing": job.emulation.partition.start + stop}
                    resume = {**file.resume, **place} | ({"counters": dict(job.after)} if job.after else {})
                    writer.append(batch, replace(file.header, sources=writer.header.sources), resume)
                    progress.advance(stop - start)
    return writer.n
