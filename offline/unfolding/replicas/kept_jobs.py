"""Jobs whose results are kept as soon as each is finished, not when all are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from l1ml.data.jobs.crew import crew_of
from l1ml.data.jobs.workers import Job
from l1ml.progress import Progress

__all__ = ["run_kept"]

J = TypeVar("J", bound=Job)


def run_kept(
    task: str, jobs: Sequence[J], keep: Callable[[J], None], *, workers: int, scheduler: str | None, progress: Progress
) -> None:
    """Run `jobs` on the crew that `l1ml.data.jobs.crew.crew_of` gives, and call `keep` once with each that is done.

    `progress` hears of the units only: its task may have begun before and go on after.
    """
    with crew_of(workers, scheduler) as crew:
        crew.run(task, jobs, _Keeping(progress, list(jobs), keep))


@dataclass(slots=True)
class _Keeping(Generic[J]):
    """A listener that looks for finished jobs at every step, and passes the step on."""

    progress: Progress
    left: list[J]
    keep: Callable[[J], None] = field(repr=False)

    def start(self, task: str, total: int | None = None) -> None:
        """The task of the whole is announced already."""

    def advance(self, n: int = 1) -> None:
        # files stay where they are: that a worker is done is noticed after its file
        done = [job for job in self.left if job.is_done()]
        for job in done:
            self.keep(job)
            self.left.remove(job)
        self.progress.advance(n)

    def finish(self) -> None:
        """The task of the whole goes on."""
