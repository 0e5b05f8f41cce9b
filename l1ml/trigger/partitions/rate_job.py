"""The sums behind rates on one partition, as a job that leaves a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import process_time

from l1ml.data.jobs.workers import is_whole
from l1ml.storage import digest_of
from l1ml.trigger.partitions.decided_batches import decided_batches
from l1ml.trigger.partitions.partition import Partition
from l1ml.trigger.partitions.rate_question import RateQuestion
from l1ml.trigger.partitions.state_file import read_state, state_key, write_state
from l1ml.trigger.rates.rate_sums import ColumnState, RateState

__all__ = ["PartitionSums", "RateJob"]


@dataclass(frozen=True, eq=False, slots=True)
class PartitionSums:
    """What a partition adds to the rates.

    Parameters
    ----------
    crossings : int
        How many it has.
    seconds : float
        Processor time that they took.
    rates : RateState
        Sums behind the rates.
    costs : ColumnState, optional
        Sums behind the costs of columns.
    """

    crossings: int
    seconds: float
    rates: RateState
    costs: ColumnState | None


@dataclass(frozen=True)
class RateJob:
    """Sums of `question` on `partition`, to be kept in `folder`.

    Parameters
    ----------
    question : RateQuestion
        What is asked.
    partition : Partition
        Of which crossings.
    folder : Path
        Where the file goes.
    """

    question: RateQuestion
    partition: Partition
    folder: Path

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""
        return 1

    @cached_property
    def key(self) -> str:
        """Digest of all that decides the sums: menu, settings, networks, content of the file, range."""
        part = self.partition
        return digest_of({"question": self.question.digest, "file": part.digest, "start": part.start, "stop": part.stop})

    @property
    def path(self) -> Path:
        """File of the sums: its name has what its content is bound to."""
        return self.folder / f"{self.partition.path.name.split('.')[0]}-{self.partition.start}-{self.key[:16]}.h5"

    def is_done(self) -> bool:
        """Whether the file is there and whole."""
        return is_whole(self.path, state_key) and state_key(self.path) == self.key

    def run(self, check: Callable[[], None]) -> None:
        """Decide the crossings and write the sums; `check` is called after each batch.

        Raises
        ------
        L1mlError
            What is wrong with the file, in which crossings.
        """
        with self.partition.named_errors():
            write_state(self.path, self.key, self._sums(check))

    def sums(self) -> PartitionSums:
        """The sums in the file."""
        return read_state(self.path, PartitionSums)

    def _sums(self, check: Callable[[], None]) -> PartitionSums:
        tools = self.question.tools
        rates, costs = self.question.tallies()
        crossings, began = 0, process_time()
        for batch in decided_batches(tools.menu, self.partition, tools.networks, self.question.era):
            check()
            for tally in (rates, costs):
                if tally is not None:
                    tally.add(batch.decisions, batch.weight, batch.draw)
            crossings += batch.decisions.n
        return PartitionSums(crossings, process_time() - began, rates.state, None if costs is None else costs.state)
