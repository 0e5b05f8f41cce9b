"""From a configuration to event files: the whole list of jobs, what is cached, and what each file says about itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from l1ml.data.event_file import file_info, iterate_events
from l1ml.data.event_writer import EventWriter
from l1ml.data.generation.config import GenerationConfig
from l1ml.data.generation.crossings import CrossingJob, release_pools, schema_of
from l1ml.data.generation.plan import load_pools, plan_crossings
from l1ml.data.generation.pools import PoolFiles, pool_jobs
from l1ml.data.generation.provenance import provenance_of, sample_digest
from l1ml.data.generation.signals import DEFAULT_SIGNALS, signal_number
from l1ml.data.jobs.crew import Crew, crew_of
from l1ml.data.jobs.workers import is_whole
from l1ml.progress import SILENT, Progress

__all__ = ["PROCESSES", "ProcessRecord", "crossing_jobs", "generate", "processes_of"]

PROCESSES = ("zero_bias", *DEFAULT_SIGNALS)
"""Names of the event files of a configuration that names no signals: the background first."""

_CROSSING_JOB = 4000
"""Crossings per job: 2 s of work."""


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """What was made for one process.

    Parameters
    ----------
    process : str
        "zero_bias" or a signal.
    path : Path
        The event file.
    digest : str
        Of the configuration and the versions that made it.
    generated : int
        Pythia collisions generated for its pools.
    kept : int
        Crossings in the file.
    seconds : float
        Time of all its jobs, added up over the workers, in this run or in the one that made the file.
    cached : bool
        Whether the file was there already.
    """

    process: str
    path: Path
    digest: str
    generated: int
    kept: int
    seconds: float
    cached: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {"path": str(self.path)}


def generate(
    config: GenerationConfig, folder: Path, *, workers: int = 1, scheduler: str | None = None, progress: Progress = SILENT
) -> list[ProcessRecord]:
    """Make ``<process>-<digest8>.h5`` in `folder` for zero bias and each signal of `config`, or find it there.

    Parameters
    ----------
    config : GenerationConfig
        What to make.
    folder : Path
        Folder of the event files; pools go to ``pool/`` in it.
    workers : int
        Processes to use; the content of the files does not depend on it.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers see `folder` under the same absolute path and are used instead.
    progress : Progress
        Told about each finished job.

    Returns
    -------
    list of ProcessRecord
        Zero bias, then the signals in the order of `config`.

    Raises
    ------
    ToolNotFoundError
        If pythia8mc, fastjet or awkward is not installed.
    StorageError
        If the disk is full; nothing half-made is left, and the next call goes on from there.
    """
    crew = crew_of(workers, scheduler)
    digest = sample_digest(config)
    paths = {process: folder / f"{process}-{digest[:8]}.h5" for process in processes_of(config)}
    missing = [process for process in paths if not is_whole(paths[process], file_info)]
    if missing:
        _sweep(folder)
        pools = pool_jobs(config, (folder / "pool").absolute())
        with crew:
            pools.make(crew, missing, progress)
            for process in missing:
                _make_events(crew, config, pools.files(process), paths[process], progress)
        release_pools()
    return [_record(process, paths[process], cached=process not in missing) for process in paths]


def processes_of(config: GenerationConfig) -> tuple[str, ...]:
    """Names of the event files that `config` asks for."""
    return ("zero_bias", *config.signals)


def _number(process: str) -> int:
    """Number of a process in identities and random streams, the same whatever else is made."""
    return 0 if process == "zero_bias" else 1 + signal_number(process)


def _sweep(folder: Path) -> None:
    """Drop the temporary files of processes that were killed; those of living ones stay."""
    for part in folder.rglob(".*.part"):
        pid = part.name.split(".")[-2]
        if pid.isdigit() and not Path("/proc", pid).exists():
            part.unlink(missing_ok=True)


def _make_events(crew: Crew, config: GenerationConfig, files: PoolFiles, path: Path, progress: Progress) -> None:
    """Overlay in parts, then one file at `path`."""
    process = path.name.rsplit("-", maxsplit=1)[0]
    loaded = load_pools(files, config.profile)
    jobs = crossing_jobs(process, config, files, len(plan_crossings(loaded, config)), path.parent)
    crew.run(f"crossings of {process}", jobs, progress)
    _merge(jobs, path, provenance_of(config, files) | {"mean_hard_collisions": loaded.spectrum.mean})


def crossing_jobs(process: str, config: GenerationConfig, files: PoolFiles, n: int, folder: Path) -> list[CrossingJob]:
    """The jobs that make the `n` crossings of one process, whose event file goes to `folder`."""
    first = CrossingJob(
        process, _number(process), config, sample_digest(config), 0, _CROSSING_JOB, files, (folder / "pool").absolute()
    )  # fmt: skip
    return [replace(first, first=start, n=min(_CROSSING_JOB, n - start)) for start in range(0, n, _CROSSING_JOB)]


def _merge(jobs: Sequence[CrossingJob], path: Path, provenance: dict[str, Any]) -> None:
    """Join the parts in order, then drop them."""
    seconds = sum(file_info(job.path)["provenance"]["seconds"] for job in jobs)
    header = provenance | {"seconds": provenance["seconds"] + seconds}
    with EventWriter(path, schema_of(jobs[0].config), process=jobs[0].process, provenance=header) as writer:
        for job in jobs:
            for events in iterate_events(job.path):
                writer.append(events)
    for job in jobs:
        job.path.unlink()


def _record(process: str, path: Path, *, cached: bool) -> ProcessRecord:
    """Record of a finished file, from what the file says."""
    info = file_info(path)
    made = info["provenance"]
    return ProcessRecord(process, path, made["digest"], made["generated"], info["n_events"], made["seconds"], cached)
