"""The training and evaluation of one seed; what is there and still right is not made again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l1ml._optional import require
from l1ml.errors import DataError
from l1ml.progress import Checking
from l1ml.workflow.seed_figures import FIGURES
from l1ml.workflow.seed_workspace import SeedWorkspace
from l1ml.workflow.step import earlier_result, perform
from l1ml.workflow.training_step import TRAINING

__all__ = ["SeedJob"]


@dataclass(frozen=True)
class SeedJob:
    """A job for `l1ml.data.jobs.crew_of` that leaves the figures of one seed."""

    workspace: SeedWorkspace

    @property
    def path(self) -> Path:
        """File of the figures."""
        return self.workspace.run / f"{FIGURES.name}.json"

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""
        return 1

    def is_done(self) -> bool:
        """Whether model and figures are there and are those that the recipe and the events would give."""
        return self.figures() is not None

    def figures(self) -> dict[str, Any] | None:
        """What the job has left, None if it has to be done; a file that cannot be read is made again."""
        try:
            trained = earlier_result(TRAINING, self.workspace)
            return None if trained is None else earlier_result(FIGURES, self.workspace)
        except DataError:
            return None

    def run(self, check: Callable[[], None]) -> None:
        """Train and measure; `check` is called after each epoch, and a training that was killed goes on at its checkpoint."""
        require("keras").utils.clear_session()
        for step in (TRAINING, FIGURES):
            perform(step, self.workspace, Checking(check))
            check()
