"""One toy of a coverage study: made, unfolded with errors, reduced to a few numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from l1ml.data.jobs.workers import is_whole
from l1ml.progress import SILENT, Checking, Progress
from offline.array_file import read_arrays, write_arrays
from offline.unfolding.method import UnfoldingMethod
from offline.unfolding.quantities import Quantity, errors_of, values_of
from offline.unfolding.replicas.uncertainties import Uncertainties
from offline.unfolding.replicas.unfolding import unfold
from offline.unfolding.sample import FloatArray, Simulation

__all__ = ["Toy", "ToyJob", "ToyStudy"]


class Toy(Protocol):
    """Where the events come from; see `GaussianToy`."""

    def simulation(self, n: int, rng: np.random.Generator) -> Simulation:
        """`n` simulated events."""

    def experiment(self, n: float, rng: np.random.Generator) -> Simulation:
        """Events of nature where `n` are expected: their number, and that of every kind of event among them, is Poisson."""


@dataclass(frozen=True)
class ToyStudy:
    """What all toys share.

    Parameters
    ----------
    method : UnfoldingMethod
        Any method.
    toy : Toy
        Draws simulation and nature.
    quantities : tuple of Quantity
        Numbers of the unfolded events.
    n : tuple of int
        Simulated true events, and expected true events of nature.
    uncertainties : Uncertainties, optional
        Replicas of each toy.
    seed : int
        Toy k is made of this seed and k alone.
    """

    method: UnfoldingMethod
    toy: Toy
    quantities: tuple[Quantity, ...]
    n: tuple[int, int]
    uncertainties: Uncertainties | None
    seed: int

    def run(self, k: int, progress: Progress = SILENT) -> dict[str, FloatArray]:
        """``estimates`` and ``errors`` of toy `k`, shape (number of quantities,)."""
        rng = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(k,)))
        mc = self.toy.simulation(self.n[0], rng)
        data = self.toy.experiment(self.n[1], rng).measured()
        result = unfold(self.method, mc, data, self.uncertainties, seed=int(rng.integers(2**32)), progress=progress)
        estimates = values_of(result.gen, result.weight, self.quantities)
        return {"estimates": estimates, "errors": errors_of(result, self.quantities)}


@dataclass(frozen=True)
class ToyJob:
    """Toy `k` of a study as a file in `folder`, for other processes."""

    folder: Path
    study: ToyStudy
    k: int

    @property
    def path(self) -> Path:
        """The file of the result."""
        return self.folder / f"toy-{self.k}.npz"

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""
        return 1

    def is_done(self) -> bool:
        """Whether the result is there and whole."""
        return is_whole(self.path, read_arrays)

    def read(self) -> Mapping[str, NDArray[Any]]:
        """The result."""
        return read_arrays(self.path)

    def run(self, check: Callable[[], None]) -> None:
        """Make the toy; `check` is called at every step of its fits."""
        check()
        write_arrays(self.path, self.study.run(self.k, Checking(check)))
