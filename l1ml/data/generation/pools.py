"""The pools of one configuration as a fixed list of jobs, whatever the number of workers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from l1ml.data.generation.collisions import CollisionJob, TablesJob
from l1ml.data.generation.config import GenerationConfig
from l1ml.data.generation.pythia import PythiaProcess, hard_qcd, signal, soft_qcd
from l1ml.data.generation.signals import signal_number
from l1ml.data.jobs.crew import Crew
from l1ml.progress import Progress

__all__ = ["PoolFiles", "PoolJobs", "pool_jobs"]

_SOFT_JOB, _HARD_JOB = 2500, 1000
"""Pythia events per job: 5 to 10 s of work, so that little is lost when a run is stopped. A larger sample begins with the jobs
of a smaller one, which are then not made again."""

_SOFT_STREAM, _HARD_STREAM, _SIGNAL_STREAM = 1, 2, 3


@dataclass(frozen=True, slots=True)
class PoolFiles:
    """Files that the crossings of one process are made of; `signal` is empty for zero bias."""

    soft: tuple[Path, ...]
    hard: tuple[Path, ...]
    signal: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class PoolJobs:
    """Jobs of all pools of one configuration."""

    tables: TablesJob
    soft: tuple[CollisionJob, ...]
    hard: tuple[CollisionJob, ...]
    signals: dict[str, tuple[CollisionJob, ...]]

    def make(self, crew: Crew, processes: Collection[str], progress: Progress) -> None:
        """Run the jobs that `processes` need; hard ones fill the time in which the soft tables are made."""
        wanted = [job for name, jobs in self.signals.items() if name in processes for job in jobs]
        crew.run("hard collisions", [self.tables, *self.hard, *wanted], progress)
        crew.run("soft collisions", list(self.soft), progress)

    def files(self, process: str) -> PoolFiles:
        """Files for the crossings of `process`."""
        soft, hard, own = (tuple(job.path for job in jobs) for jobs in (self.soft, self.hard, self.signals.get(process, ())))
        return PoolFiles(soft, hard, own)


def pool_jobs(config: GenerationConfig, folder: Path) -> PoolJobs:
    """The fixed list of jobs; every job has a random stream of its own."""
    tables = TablesJob(soft_qcd(config), config.seed, folder)
    soft = CollisionJob(
        soft_qcd(config), 0, _SOFT_JOB, config.seed, (_SOFT_STREAM,), folder,
        below_gev=config.hard_threshold_gev, tables=tables.path, with_truth=False,
    )  # fmt: skip
    return PoolJobs(
        tables,
        _divided(soft, config.sized("soft_collisions")),
        _divided(_hard_job(hard_qcd(config), config, _HARD_STREAM, folder), config.sized("hard_collisions")),
        {
            name: _divided(
                _hard_job(signal(name, config), config, _SIGNAL_STREAM + signal_number(name), folder),
                config.sized("signal_collisions"),
            )
            for name in config.signals
        },
    )


def _hard_job(process: PythiaProcess, config: GenerationConfig, stream: int, folder: Path) -> CollisionJob:
    """First job of a pool of hard collisions."""
    return CollisionJob(process, 0, _HARD_JOB, config.seed, (stream,), folder)


def _divided(first: CollisionJob, total: int) -> tuple[CollisionJob, ...]:
    """Jobs of at most the size of `first` that together make `total` events."""
    starts = range(0, total, first.n)
    return tuple(replace(first, index=index, n=min(first.n, total - start)) for index, start in enumerate(starts))
