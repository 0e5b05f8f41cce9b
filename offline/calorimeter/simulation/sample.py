"""Files of simulated showers, made by jobs: the same content whoever does them, resumed where it stopped."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from l1ml import __version__
from l1ml.data.jobs.crew import crew_of
from l1ml.data.jobs.part_files import attempt, parts_folder
from l1ml.data.jobs.workers import is_whole
from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT, Checking, Progress
from l1ml.storage import digest_of
from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.shower_file import ShowerFile, new_shower_file
from offline.calorimeter.showers import Showers

__all__ = ["Beam", "ShowerSource", "simulate_file"]

_BATCH = 250
"""Showers that are copied at a time."""


class ShowerSource(Protocol):
    """A simulation: shower i depends on the seed, on i and on its energy alone."""

    @property
    def geometry(self) -> CalorimeterGeometry:
        """Voxels."""

    @property
    def threshold(self) -> float:
        """Energy of a voxel below which it is zero, MeV."""

    @property
    def job_size(self) -> int:
        """Showers of one job, which is done as a whole or again."""

    def check_range(self, lowest: float, highest: float) -> None:
        """Refuse limits of energies in MeV that it cannot simulate between."""

    def batches(self, n: int, lowest: float, highest: float, *, seed: int, first: int, size: int) -> Iterator[Showers]:
        """Showers `first` to ``first + n`` with energies even in their logarithm between two limits in MeV, `size` at a time."""

    def to_dict(self) -> Mapping[str, Any]:
        """What decides the showers, the geometry apart."""


@dataclass(frozen=True, slots=True)
class Beam:
    """Particles to be simulated.

    Parameters
    ----------
    n : int
        How many.
    lowest, highest : float
        Limits of their energies in MeV, which are even in the logarithm between.
    seed : int
        Root of the random numbers.

    Raises
    ------
    ConfigError
        If there are none, or the seed is not one.
    """

    n: int
    lowest: float = 1e3
    highest: float = 1e6
    seed: int = 1

    def __post_init__(self) -> None:
        if self.n < 1 or not 0 <= self.seed < 2**32:
            msg = f"a beam has one or more particles and a seed of 32 bits, received {self.n} and {self.seed}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class _Job:
    """Showers `first` to `first + n` of a beam."""

    path: Path
    simulator: ShowerSource
    beam: Beam
    first: int
    n: int

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""
        return self.n

    def is_done(self) -> bool:
        """Whether the file is there and whole."""
        return is_whole(self.path, ShowerFile.open)

    def run(self, check: Callable[[], None]) -> None:
        """Make the file."""
        progress, beam, size = Checking(check), self.beam, max(1, self.simulator.job_size // 4)
        with (
            attempt(self.path) as own,
            new_shower_file(own, self.simulator.geometry, threshold=self.simulator.threshold) as writer,
        ):
            for showers in self.simulator.batches(self.n, beam.lowest, beam.highest, seed=beam.seed, first=self.first, size=size):
                writer.append(showers)
                progress.advance(len(showers))


def simulate_file(
    path: Path,
    simulator: ShowerSource,
    beam: Beam,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress = SILENT,
) -> ShowerFile:
    """Showers of `beam`, as the file `path`; a file of the same that is there already stays.

    Parameters
    ----------
    path : Path
        The file; beside it lies a folder of finished parts until it is made.
    simulator : ShowerSource
        Calorimeter, such as a `Simulator` or a `Geant4Simulator`.
    beam : Beam
        Particles.
    workers, scheduler
        Processes here, or the address of a Dask scheduler; the content does not depend on them.
    progress : Progress
        Told about finished showers.

    Raises
    ------
    DataError
        If `path` is there and holds anything else, or processes are killed too often.
    ConfigError
        If energies cannot be simulated.
    """
    # energies that no job could do end here, before processes are started
    simulator.check_range(beam.lowest, beam.highest)
    record = _record(simulator, beam)
    if path.exists():
        return _same(path, record)
    folder = parts_folder(path) / str(record["digest"])[:12]
    size = simulator.job_size
    starts = range(0, beam.n, size)
    jobs = [_Job(folder / f"{start:09d}.h5", simulator, beam, start, min(size, beam.n - start)) for start in starts]
    with crew_of(workers, scheduler) as crew:
        crew.run(f"showers of {path.name}", jobs, progress)
    with new_shower_file(path, simulator.geometry, threshold=simulator.threshold, record=record) as writer:
        for job in jobs:
            for showers in ShowerFile.open(job.path).batches(_BATCH):
                writer.append(showers)
    shutil.rmtree(parts_folder(path), ignore_errors=True)
    return ShowerFile.open(path)


def _record(simulator: ShowerSource, beam: Beam) -> Mapping[str, Any]:
    """What decides the content."""
    settings = {
        "simulator": simulator.to_dict(),
        "beam": {"n": beam.n, "lowest": beam.lowest, "highest": beam.highest, "seed": beam.seed},
        "versions": {"l1ml": __version__, "numpy": np.__version__},
    }
    return {**settings, "digest": digest_of({**settings, "geometry": simulator.geometry.digest})}


def _same(path: Path, record: Mapping[str, Any]) -> ShowerFile:
    """The file that is there, if it is the one that is asked for."""
    found = ShowerFile.open(path)
    if found.record.get("digest") != record["digest"]:
        msg = f"{path} is there already and holds other showers: give another name, or delete it"
        raise DataError(msg)
    return found
