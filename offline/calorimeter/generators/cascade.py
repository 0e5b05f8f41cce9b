"""A generator in two stages: energies and hits of layers by a flow, then voxels by their likelihood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from offline.calorimeter.generators.layer_flow import LayerFlow
from offline.calorimeter.generators.lean import Lean
from offline.calorimeter.generators.voxel_draw import RingLaw, draw_voxels
from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.showers import Showers, checked_energies

__all__ = ["Cascade"]

_BEYOND = 0.01
"""Share by which an energy may lie beyond those of the training: theirs are a sample of a range, whose ends are in none."""


@dataclass(frozen=True, eq=False, slots=True)
class Cascade:
    """A trained generator; see `offline.calorimeter.generators.fit.fit_cascade`.

    Energies and hits of layers come from conditional flow matching. Given these, voxels are drawn from distributions whose
    numbers a network gives ring by ring: voxels of a layer know of one another by what their layer has in all and by how the
    shower leans, and there are no other clusters within a layer. Showers of the parametrised simulator have only the former.

    Parameters
    ----------
    geometry : CalorimeterGeometry
        Voxels.
    threshold : float
        Smallest energy of a voxel that has any, MeV.
    energy_range : tuple of float
        Energies of the particles in the training, MeV.
    flow : LayerFlow
        First stage.
    law : RingLaw
        Second stage.
    record : mapping
        How it was trained.
    lean : Lean, optional
        How energies are larger on one side; there are showers of which they are not.
    """

    geometry: CalorimeterGeometry
    threshold: float
    energy_range: tuple[float, float]
    flow: LayerFlow
    law: RingLaw
    record: Mapping[str, Any] = field(default_factory=dict)
    lean: Lean | None = None

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
        return self._made(energies, rng, batch)

    def _made(self, energies: NDArray[np.float64], rng: np.random.Generator, batch: int) -> Iterator[Showers]:
        for start in range(0, len(energies), batch):
            some = energies[start : start + batch]
            layers, hits = self.flow.draw(some, rng)
            table = self.law.table(some, layers, hits)
            lean = None if self.lean is None else self.lean.draw(some, rng)
            voxels = draw_voxels(self.geometry, layers, hits, table, threshold=self.threshold, rng=rng, lean=lean)
            yield Showers(self.geometry, some, voxels)
