"""One event file made by many jobs: the same content whoever does them, resumed where it stopped."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from l1ml.data.event_file import file_info, iterate_events
from l1ml.data.event_writer import EventWriter
from l1ml.data.generation.pythia import pythia_version
from l1ml.data.jobs.crew import crew_of
from l1ml.data.jobs.part_files import parts_folder
from l1ml.data.jobs.workers import Job, is_whole
from l1ml.data.schema import EventSchema
from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Progress

__all__ = ["Sample", "SampleRecord", "make_sample", "random_streams", "versions"]


@dataclass(frozen=True)
class Sample:
    """An event file to be made.

    Parameters
    ----------
    schema : EventSchema
        Of the file and of the file of each job.
    processes : tuple of str
        Names that the column ``process`` counts.
    jobs : sequence of Job
        Each leaves an event file whose provenance says how many events were ``generated`` in how many ``seconds``; the file
        has their rows in this order.
    provenance : mapping
        Of the file; its entry ``digest`` stands for all that decides the content.
    """

    schema: EventSchema
    processes: tuple[str, ...]
    jobs: Sequence[Job]
    provenance: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """What was made.

    Parameters
    ----------
    path : Path
        The event file.
    digest : str
        Of all that decides its content.
    kept, generated : int
        Rows of the file, and collisions that Pythia made for them.
    seconds : float or None
        Time of all jobs, added up over the workers; None where the file was there already.
    """

    path: Path
    digest: str
    kept: int
    generated: int
    seconds: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {name: getattr(self, name) for name in self.__slots__} | {"path": str(self.path)}


def make_sample(
    path: Path,
    sample: Sample,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    force: bool = False,
    progress: Progress = SILENT,
) -> SampleRecord:
    """Make the event file `path`, or find it there.

    Raises
    ------
    ConfigError
        If `path` holds something else and `force` does not allow to replace it.
    StorageError
        If the disk is full; finished jobs are kept, and the next call goes on from there.
    """
    digest = sample.provenance["digest"]
    if path.exists():
        if is_file_of(path, digest):
            return _record(path, None)
        if not force:
            msg = f"{path} exists and holds something else; --force replaces it"
            raise ConfigError(msg)
    with crew_of(workers, scheduler) as crew:
        crew.run(f"jobs of {path.name}", sample.jobs, progress)
    made = [file_info(job.path)["provenance"] for job in sample.jobs]
    header = {**sample.provenance, "generated": sum(item["generated"] for item in made)}
    with EventWriter(path, sample.schema, process=sample.processes, provenance=header) as writer:
        for job in sample.jobs:
            for events in iterate_events(job.path):
                writer.append(events)
    shutil.rmtree(parts_folder(path), ignore_errors=True)
    return _record(path, sum(item["seconds"] for item in made))


def is_file_of(path: Path, digest: str) -> bool:
    """Whether `path` is a whole event file whose provenance has this digest; a file of anything else stays as it is."""
    from l1ml.errors import L1mlError

    try:
        return bool(file_info(path)["provenance"].get("digest") == digest)
    except L1mlError:
        return False


def is_part(path: Path) -> bool:
    """Whether the file of a job is there and whole."""
    return is_whole(path, file_info)


def random_streams(*words: int) -> tuple[int, np.random.Generator]:
    """Seed of Pythia and a generator of one's own, from the seed of the user and the numbers of stream, class and job."""
    sequence = np.random.SeedSequence(words[0], spawn_key=words[1:])
    return int(sequence.generate_state(1, np.uint32)[0]), np.random.Generator(np.random.PCG64(sequence))


def versions() -> dict[str, str]:
    """Versions of what makes the content."""
    from importlib.metadata import version

    from l1ml import __version__

    return {"l1ml": __version__, "numpy": np.__version__, "pythia8mc": pythia_version(), "fastjet": version("fastjet")}


def _record(path: Path, seconds: float | None) -> SampleRecord:
    """Record of a finished file."""
    info = file_info(path)
    made = info["provenance"]
    return SampleRecord(path, made["digest"], info["n_events"], made["generated"], seconds)
