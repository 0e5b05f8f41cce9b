"""Files of generated showers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Progress
from offline.calorimeter.generators.generator import ShowerGenerator
from offline.calorimeter.shower_file import ShowerFile, new_shower_file

__all__ = ["Sampling", "sample_file"]

_ENERGIES = 1000
"""Particles whose energies are at hand at a time."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """What is drawn.

    Parameters
    ----------
    n : int
        Showers, unless `like` says.
    energies : tuple of float, optional
        Limits in MeV, even in the logarithm between; those of the training when left out.
    like : Path, optional
        A file of showers whose particles are taken instead.
    batch : int
        Showers that are made at a time.
    seed : int
        Root of the random numbers.
    extrapolate : bool
        Allow energies beyond those of the training.

    Raises
    ------
    ConfigError
        If a number is none.
    """

    n: int = 10_000
    energies: tuple[float, float] | None = None
    like: Path | None = None
    batch: int = 100
    seed: int = 1
    extrapolate: bool = False

    def __post_init__(self) -> None:
        if min(self.n, self.batch) < 1 or not 0 <= self.seed < 2**32:
            received = f"{self.n}, {self.batch} and {self.seed}"
            msg = f"there are one shower or more, in batches of one or more, and a seed has 32 bits; received {received}"
            raise ConfigError(msg)
        if self.energies is not None and not 0 < self.energies[0] <= self.energies[1] < np.inf:
            msg = f"energies have two positive limits, received {self.energies} MeV"
            raise ConfigError(msg)

    def particles(self, generator: ShowerGenerator) -> Iterator[NDArray[np.float64]]:
        """Their energies, MeV, a few at a time."""
        if self.like is not None:
            # only the energies of the file are looked at, whatever its voxels are
            yield from ShowerFile.open(self.like, generator.geometry).incident_energies(_ENERGIES)
            return
        low, high = self.energies or generator.energy_range
        rng = np.random.default_rng((self.seed, 0))
        for start in range(0, self.n, _ENERGIES):
            yield low * (high / low) ** rng.random(min(_ENERGIES, self.n - start))


def sample_file(
    path: Path, generator: ShowerGenerator, sampling: Sampling, *, progress: Progress = SILENT
) -> tuple[ShowerFile, float]:
    """Showers of `sampling` as the file `path`, and how many seconds drawing them took on this machine, writing apart.

    Raises
    ------
    DataError
        If an energy is outside the range of the training and may not be.
    StorageError
        If `path` cannot be written.
    """
    rng, seconds = np.random.default_rng((sampling.seed, 1)), 0.0
    record = {"generator": generator.record, "seed": sampling.seed, "batch": sampling.batch}
    progress.start("showers", sampling.n if sampling.like is None else None)
    with new_shower_file(path, generator.geometry, threshold=generator.threshold, record=record) as writer:
        for energies in sampling.particles(generator):
            began = time.perf_counter()
            showers = generator.sample(energies, rng, sampling.batch, extrapolate=sampling.extrapolate)
            seconds += time.perf_counter() - began
            writer.append(showers)
            progress.advance(len(showers))
    progress.finish()
    return ShowerFile.open(path), seconds
