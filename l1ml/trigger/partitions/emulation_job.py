"""Scores and decisions of one partition, as a job that leaves a decision file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from l1ml.data.jobs.part_files import attempt
from l1ml.data.jobs.workers import is_whole
from l1ml.progress import Checking
from l1ml.storage import digest_of
from l1ml.trigger.decision_file import DecisionFile
from l1ml.trigger.file_emulation import emulate_files
from l1ml.trigger.partitions.emulation_question import EmulationQuestion
from l1ml.trigger.partitions.partition import Partition

__all__ = ["EmulationJob", "check_decisions"]


@dataclass(frozen=True)
class EmulationJob:
    """The decision file of `partition`, with prescale counters that start at zero there, to be kept in `folder`.

    Parameters
    ----------
    question : EmulationQuestion
        What is emulated.
    partition : Partition
        Which crossings.
    folder : Path
        Where the file goes.
    threads : int
        Batches that are computed at once.
    """

    question: EmulationQuestion
    partition: Partition
    folder: Path
    threads: int = 1

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""
        return 1

    @cached_property
    def path(self) -> Path:
        """The decision file: its name has what its content is bound to."""
        part = self.partition
        key = digest_of({"question": self.question.digest, "file": part.digest, "start": part.start, "stop": part.stop})
        return self.folder / f"{part.path.name.split('.')[0]}-{part.start}-{key[:24]}.h5"

    def is_done(self) -> bool:
        """Whether the file is there and whole."""
        return is_whole(self.path, check_decisions)

    def run(self, check: Callable[[], None]) -> None:
        """Emulate the crossings; `check` is called after each batch.

        Raises
        ------
        L1mlError
            What is wrong with the file, in which crossings.
        """
        part = self.partition
        with part.named_errors(), attempt(self.path) as own:
            source = part.source(self.question.era)
            emulation, told = self.question.tools, Checking(check)
            # under a name of its own, which no second attempt takes up
            emulate_files(emulation, [source], own, threads=self.threads, resumable=False, progress=told)


def check_decisions(path: Path) -> None:
    """Refuse what is no decision file, or an unfinished or damaged one."""
    with DecisionFile(path):
        pass
