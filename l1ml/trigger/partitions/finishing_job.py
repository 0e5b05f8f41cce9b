"""Final decisions of a partition, once it is known what the prescale counters hold where it begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from l1ml.data.jobs.part_files import attempt
from l1ml.data.jobs.workers import is_whole
from l1ml.storage import digest_of
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.decision_file import DecisionBatch, DecisionFile, DecisionHeader
from l1ml.trigger.decision_writer import DecisionWriter
from l1ml.trigger.decisions import FinalDecisionLogic
from l1ml.trigger.evaluation import Decision, Unsupported
from l1ml.trigger.menus.prescale import Prescale
from l1ml.trigger.partitions.emulation_job import EmulationJob, check_decisions

__all__ = ["FinishingJob", "counters_after"]


def counters_after(before: Mapping[str, int], end: Mapping[str, int], prescales: Mapping[str, Prescale]) -> dict[str, int]:
    """What prescale counters hold behind a partition.

    Parameters
    ----------
    before : mapping of str to int
        What the counter of each algorithm holds before it.
    end : mapping of str to int
        What it holds behind it if it is zero before.
    prescales : mapping of str to Prescale
        Of each algorithm.

    Notes
    -----
    A counter holds 100 times the firings so far modulo the prescale in hundredths (see `PrescaleCounters`), so that what
    partitions leave adds up.

    Examples
    --------
    >>> counters_after({"L1_A": 200}, {"L1_A": 100}, {"L1_A": Prescale(250)})
    {'L1_A': 50}
    """
    return {name: (before[name] + end[name]) % max(item.hundredths, 1) for name, item in prescales.items()}


@dataclass(frozen=True)
class FinishingJob:
    """The decision file of a partition with its counters at `before`.

    Parameters
    ----------
    emulation : EmulationJob
        Has made that with counters at zero.
    before, after : mapping of str to int
        What the counter of each algorithm holds before and behind the partition; empty without a menu.
    """

    emulation: EmulationJob
    before: Mapping[str, int]
    after: Mapping[str, int]

    @property
    def is_needed(self) -> bool:
        """Whether any counter is not zero."""
        return any(self.before.values())

    @property
    def source(self) -> Path:
        """File with the right decisions, once the job is done or not needed."""
        return self.path if self.is_needed else self.emulation.path

    @cached_property
    def path(self) -> Path:
        """File of the job: its name has the counters too."""
        return self.emulation.path.with_name(f"{self.emulation.path.stem}-{digest_of(dict(self.before))[:16]}.h5")

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""
        return 1

    def is_done(self) -> bool:
        """Whether the file is there and whole."""
        return is_whole(self.path, check_decisions)

    def run(self, check: Callable[[], None]) -> None:
        """Write the file; `check` is called before each batch."""
        menu = self.emulation.question.tools.menu
        if menu is None:
            return
        logic = FinalDecisionLogic(menu)
        logic.restore(self.before)
        with (
            DecisionFile(self.emulation.path) as file,
            attempt(self.path) as own,
            DecisionWriter(own, file.header, resumable=False) as writer,
        ):
            for batch in file.iterate():
                check()
                writer.append(_finished(logic, file.header, batch), file.header, {**file.resume, "counters": logic.state})


def _finished(logic: FinalDecisionLogic, header: DecisionHeader, batch: DecisionBatch) -> DecisionBatch:
    """`batch` with the counters that `logic` has come to."""
    if batch.initial is None:
        return batch
    conditions: dict[str, Decision] = {name: Unsupported(reason) for name, reason in header.unsupported.items()}
    conditions |= {name: batch.initial[:, i] for i, name in enumerate(header.algorithms)}
    bx = batch.identity.get("bx")
    columns = Columns(len(batch.initial), {}, "a decision file", bx=None if bx is None else bx.astype(np.int64))
    decisions = logic.finish(conditions, columns)
    return replace(batch, final=decisions.final, final_or=decisions.final_or)
