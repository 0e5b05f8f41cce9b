"""What all generators have in common: they are trained over a range of energies, and draw showers in batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.showers import Showers, checked_energies

__all__ = ["ShowerGenerator"]

_BEYOND = 0.01
"""Share by which an energy may lie beyond those of the training: theirs are a sample of a range, whose ends are in none."""


class ShowerGenerator(ABC):
    """A trained generator.

    Its file has the numbers and arrays that `attributes` and `arrays` give, under the kind `kind`.
    """

    kind: ClassVar[str]
    __slots__ = ()

    geometry: CalorimeterGeometry
    """Voxels."""
    threshold: float
    """Smallest energy of a voxel that has any, MeV."""
    energy_range: tuple[float, float]
    """Energies of the particles in the training, MeV."""
    record: Mapping[str, Any]
    """How it was trained."""

    def sample(self, incident: NDArray[Any], rng: np.random.Generator, batch: int = 100, *, extrapolate: bool = False) -> Showers:
        """A shower for each of the energies `incident`, MeV.

        Parameters
        ----------
        incident : ndarray, shape (n,)
            Energies.
        rng : Generator
            Random numbers; the result depends on it and on `batch`.
        batch : int
            Showers that are made at a time.
        extrapolate : bool
            Allow energies beyond those of the training.

        Raises
        ------
        DataError
            If an energy is none, or outside the range of the training and `extrapolate` does not allow it.
        """
        return Showers.concatenate(list(self.batches(incident, rng, batch, extrapolate=extrapolate)))

    def batches(
        self, incident: NDArray[Any], rng: np.random.Generator, batch: int = 100, *, extrapolate: bool = False
    ) -> Iterator[Showers]:
        """The same, `batch` at a time: for more showers than memory holds."""
        energies = checked_energies(incident)
        if batch < 1:
            msg = f"a batch has one shower or more, received {batch}"
            raise ConfigError(msg)
        low, high = self.energy_range
        outside = (energies < low * (1 - _BEYOND)) | (energies > high * (1 + _BEYOND))
        if outside.any() and not extrapolate:
            msg = (
                f"the generator was trained from {low:g} to {high:g} MeV; {int(outside.sum())} of {len(energies)} energies are "
                f"outside, such as {energies[outside][0]:g} MeV: allow it to extrapolate, or train it there"
            )
            raise DataError(msg)
        parts = (energies[start : start + batch] for start in range(0, len(energies), batch))
        return (Showers(self.geometry, some, self._voxels(some, rng)) for some in parts)

    def drawn_with(self, *, sampler: str | None = None, steps: int | None = None) -> ShowerGenerator:
        """The same, drawing with another sampler or number of steps; what is left out stays.

        Raises
        ------
        ConfigError
            If it has no such choice.
        """
        if sampler is None and steps is None:
            return self
        msg = f"a generator of the kind {self.kind!r} draws in one way: it has neither samplers nor steps to choose"
        raise ConfigError(msg)

    @abstractmethod
    def attributes(self) -> Mapping[str, Any]:
        """Numbers and texts of its own that a file keeps."""

    @abstractmethod
    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """Arrays that a file keeps."""

    @abstractmethod
    def _voxels(self, incident: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float32]:
        """Energies of voxels of one batch, shape (n, n_voxels), MeV."""
