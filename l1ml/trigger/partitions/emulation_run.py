"""Emulation of many files by any number of workers: one decision file, the same crossings and bits however divided.

What a menu's conditions say of a crossing depends on the batch of whole orbits around it at most, but a prescale counter on all
firings before. Workers therefore emulate partitions with counters at zero first. What the counters hold at the end of each, added
up modulo the prescale, is what they hold at the beginning of the next one; those that do not begin with zero get their final bits
a second time. The files are copied behind one another, as far as they are right already while others are made.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from l1ml.data.jobs.crew import ALONE, Crew
from l1ml.data.jobs.part_files import parts_folder
from l1ml.progress import SILENT, Progress
from l1ml.trigger.crossing_source import CrossingSource, total_crossings
from l1ml.trigger.partitions.emulation_job import EmulationJob
from l1ml.trigger.partitions.emulation_question import EmulationQuestion
from l1ml.trigger.partitions.joined_file import JoinedFile
from l1ml.trigger.partitions.partition import partitions_of

__all__ = ["emulate_partitions"]

_WHOLE = "whole.h5"


def emulate_partitions(
    question: EmulationQuestion,
    files: Sequence[Path],
    output: Path,
    crew: Crew = ALONE,
    *,
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
    crew : Crew
        Who does it.
    threads : int
        Batches that each worker computes at once.
    crossings : int, optional
        In a partition, about; see `partitions_of`.
    progress : Progress
        Told of partitions, and of crossings that are put together.

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
    digests, menu = {part.path: part.digest for part in parts}, question.tools.menu
    sources = [CrossingSource(path, question.era, digest=digests[path.absolute()]) for path in files]
    prescales = {} if menu is None else {item.name: item.prescale for item in menu.algorithms}
    with JoinedFile(folder / _WHOLE, jobs, question.tools.header(sources), prescales) as joined:
        crew.run("partitions", jobs, progress, joined.add)
        crew.run("prescales", joined.needed, progress)
        progress.start("crossings put together", total_crossings(sources))
        n = joined.finish(progress)
        progress.finish()
    (folder / _WHOLE).replace(output)
    shutil.rmtree(folder)
    return n
