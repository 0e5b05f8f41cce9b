"""Rates of a menu on many files, by any number of workers: resumed where a run stopped, the same numbers however divided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from l1ml.data.jobs.crew import crew_of
from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.partitions.partition import partitions_of
from l1ml.trigger.partitions.rate_job import RateJob
from l1ml.trigger.partitions.rate_question import RateQuestion
from l1ml.trigger.partitions.replay_cost import ReplayCost
from l1ml.trigger.rates.column_cost import ColumnCosts
from l1ml.trigger.rates.rate_table import RateTable

__all__ = ["CROSSINGS", "RateAnswer", "rates_of_files"]

CROSSINGS = 1 << 17
"""Crossings in a partition: some seconds of work with a menu of several hundred algorithms."""


@dataclass(frozen=True, eq=False, slots=True)
class RateAnswer:
    """Rates on what is finished.

    Parameters
    ----------
    menu : Menu
        With the prescales that were asked for.
    networks : mapping of str to str
        Digests of the networks by their names in the menu.
    table : RateTable
        The rates.
    costs : ColumnCosts, optional
        What other columns would cost.
    cost : ReplayCost
        How many crossings there were, and what they took, finished before or now.
    finished, partitions : int
        Partitions that are in the rates, and how many there are.
    """

    menu: Menu
    networks: Mapping[str, str]
    table: RateTable
    costs: ColumnCosts | None
    cost: ReplayCost
    finished: int
    partitions: int

    @property
    def is_complete(self) -> bool:
        """Whether all crossings are in the rates."""
        return self.finished == self.partitions


def rates_of_files(
    question: RateQuestion,
    files: Sequence[Path],
    folder: Path,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    crossings: int = CROSSINGS,
    partial: bool = False,
    progress: Progress = SILENT,
) -> RateAnswer:
    """Rates on the crossings of all `files`.

    Parameters
    ----------
    question : RateQuestion
        Rates of what.
    files : sequence of Path
        Of any format of `l1ml.data.readers`.
    folder : Path
        Where the sums of finished partitions are kept; those that are there and belong to this question, file and range are not
        done again. On a file system that all workers share.
    workers, scheduler, progress
        As for `l1ml.data.jobs.crew.crew_of`; there are never more processes than partitions.
    crossings : int
        In a partition, about.
    partial : bool
        Take what is finished and do nothing.

    Raises
    ------
    DataError
        If a file is damaged, missing or changes meanwhile: what is finished is kept. If nothing is finished and `partial`.
    L1mlError
        As `RateQuestion.of`, `partitions_of` and `l1ml.data.jobs.workers.Workers.run`.
    """
    jobs = [RateJob(question, part, folder.absolute()) for part in partitions_of(files, crossings)]
    if not partial:
        with crew_of(min(workers, len(jobs)) if workers > 1 else workers, scheduler) as crew:
            crew.run("partitions", jobs, progress)
    finished = [job for job in jobs if job.is_done()] if partial else jobs
    if not finished:
        msg = f"{folder} holds no finished partition of these files for this menu and these settings; run without --partial"
        raise DataError(msg)
    return _answer(question, finished, len(jobs))


def _answer(question: RateQuestion, finished: Sequence[RateJob], partitions: int) -> RateAnswer:
    """Rates from the sums of all `finished` jobs, in the order of the files."""
    tools = question.tools
    rates, costs = question.tallies()
    crossings, seconds = 0, 0.0
    for job in finished:
        sums = job.sums()
        crossings, seconds = crossings + sums.crossings, seconds + sums.seconds
        rates.merge(sums.rates)
        if costs is not None and sums.costs is not None:
            costs.merge(sums.costs)
    table, columns = rates.table(), None if costs is None else costs.costs()
    networks = {name: network.digest for name, network in tools.networks.items()}
    return RateAnswer(tools.menu, networks, table, columns, ReplayCost(crossings, seconds), len(finished), partitions)
