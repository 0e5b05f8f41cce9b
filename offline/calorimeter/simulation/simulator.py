"""Parametrised electromagnetic showers in any geometry whose layers have a place along the particle.

What happens to one shower of energy E, after arXiv:hep-ex/0001020:

1. ln alpha and ln T of its longitudinal profile are drawn, correlated; the gamma distribution shares E among the layers, and what
   lies behind the last one is lost;
2. the energy in each layer fluctuates by the sampling: a gamma distribution of variance c^2 E_layer (none for one material);
3. each layer has a Poisson number of spots, (10.3 / c) (E / GeV)^0.959 of them in the whole shower (93 ln(Z) (E / GeV)^0.876
   for one material), spread over its rings by the core and the tail of the radial profile at its depth, and over sectors evenly;
   those beyond the outer ring are lost with their energy;
4. spots of a layer have energies in exponential proportion, which the paper has equal: its lattice of multiples of one energy
   would be seen at once by any classifier, and no shower in Geant4 has it; a layer without any spot has no energy;
5. voxels below the threshold are set to zero.

Given alpha, T and the energy of a layer, voxels are independent, which those of a full simulation are not: there are no tracks
within a shower. This simulator is easier to learn than Geant4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.layouts import layout
from offline.calorimeter.showers import Showers, checked_energies
from offline.calorimeter.simulation.particles import checked_range, particles, stream
from offline.calorimeter.simulation.profile import FloatArray, RadialProfile, draw_profile
from offline.calorimeter.simulation.stack import Stack
from offline.calorimeter.simulation.walls import walls_of

__all__ = ["SIMULATORS", "Simulator", "simulator"]

_LOWEST = 100.0
"""MeV: below, the parametrisation has no maximum behind the front face."""


@dataclass(frozen=True, slots=True)
class Simulator:
    """A calorimeter and what it is made of.

    Parameters
    ----------
    geometry : CalorimeterGeometry
        Voxels.
    stack : Stack
        Material.
    threshold : float
        Energy of a voxel below which it is zero, MeV.

    Raises
    ------
    ConfigError
        If a layer has no place along the particle, or they do not follow one another.
    """

    geometry: CalorimeterGeometry
    stack: Stack
    threshold: float = 0.01515

    def __post_init__(self) -> None:
        walls_of(self.geometry)

    @property
    def job_size(self) -> int:
        """Showers of one job: about a second."""
        return 1000

    def simulate(self, incident: NDArray[Any], *, seed: int, first: int = 0) -> Showers:
        """Showers of particles of the energies `incident`, MeV.

        Parameters
        ----------
        incident : ndarray, shape (n,)
            Energies, from 100 MeV on.
        seed : int
            Root of the random numbers. Shower i depends on it, on ``first + i`` and on its energy alone: neither on the others
            nor on who makes it.
        first : int
            Number of the first one.

        Raises
        ------
        DataError
            If an energy is none, or too low for the parametrisation.
        """
        energies = checked_energies(incident)
        if energies.min() < _LOWEST:
            msg = f"the parametrisation begins at {_LOWEST:g} MeV, received an energy of {energies.min():g} MeV"
            raise DataError(msg)
        made = np.empty((len(energies), self.geometry.n_voxels), np.float32)
        for row, energy in enumerate(energies):
            made[row] = self._one(energy / 1000.0, stream(seed, 1, first + row))
        return Showers(self.geometry, energies, made)

    def batches(self, n: int, lowest: float, highest: float, *, seed: int, first: int = 0, size: int = 500) -> Iterator[Showers]:
        """`n` showers with energies even in their logarithm between two limits in MeV, `size` at a time.

        Raises
        ------
        ConfigError
            If the limits are none.
        """
        self.check_range(lowest, highest)
        for start, energies in particles(n, lowest, highest, seed=seed, first=first, size=size):
            yield self.simulate(energies, seed=seed, first=start)

    def check_range(self, lowest: float, highest: float) -> None:
        """Refuse limits in MeV that no beam has.

        Raises
        ------
        ConfigError
            If they are such.
        """
        checked_range(lowest, highest, least=_LOWEST)

    def to_dict(self) -> Mapping[str, Any]:
        """What decides the showers, the geometry apart."""
        return {"stack": asdict(self.stack), "threshold": self.threshold}

    def _one(self, energy: float, rng: np.random.Generator) -> NDArray[np.float32]:
        """Voxels of one shower of `energy` in GeV, MeV."""
        frame, ring = _frame_of(self.geometry, self.stack), self.geometry.voxels.ring
        profile = draw_profile(self.stack, energy, rng)
        layers = 1000.0 * self._sampled(energy * np.diff(profile.energy(frame.walls), axis=0)[0], rng)
        spots = self._spots(energy) * np.diff(profile.spots(frame.walls), axis=0)[0]
        radial = RadialProfile.of(self.stack, energy, profile.tau(frame.walls.mean(axis=0)))
        inside = spots[frame.layer] * np.diff(radial.within(frame.edges, frame.layer), axis=0)[0]
        outside = spots - np.bincount(frame.layer, inside, len(spots))
        drawn = _energies(rng.poisson((inside * frame.share)[ring]), rng)
        lost = _energies(rng.poisson(np.maximum(outside, 0.0)), rng)
        total = np.add.reduceat(drawn, frame.starts) + lost
        scale = np.divide(layers, total, out=np.zeros_like(total), where=total > 0)
        made = (drawn * scale[frame.layer][ring]).astype(np.float32)
        made[made < np.float32(self.threshold)] = 0.0
        return made

    def _sampled(self, energies: FloatArray, rng: np.random.Generator) -> FloatArray:
        """`energies` in GeV with the fluctuations of the sampling."""
        variance = self.stack.sampling**2
        return rng.standard_gamma(energies / variance) * variance if variance else energies

    def _spots(self, energy: float) -> float:
        """Mean number of spots of a shower."""
        if self.stack.is_sampling:
            return float(10.3 / self.stack.sampling * energy**0.959)
        return float(93.0 * np.log(self.stack.z) * energy**0.876)


def _energies(counts: NDArray[np.int64], rng: np.random.Generator) -> FloatArray:
    """Sums of as many exponential energies of mean one as `counts` says."""
    made = np.zeros(len(counts))
    hit = counts > 0
    made[hit] = rng.standard_gamma(counts[hit])
    return made


@dataclass(frozen=True, eq=False, slots=True)
class _Frame:
    """A geometry in the units of the profiles.

    Parameters
    ----------
    walls : ndarray of float64, shape (2, n_layers)
        Front and back of each layer, radiation lengths.
    edges : ndarray of float64, shape (2, n_rings)
        Inner and outer radius of each ring, Moliere radii.
    layer : ndarray of int64, shape (n_rings,)
        Layer of each ring.
    share : ndarray of float64, shape (n_rings,)
        One over its number of sectors.
    starts : list of int
        First voxel of each layer.
    """

    walls: FloatArray
    edges: FloatArray
    layer: NDArray[np.int64]
    share: FloatArray
    starts: list[int]


@lru_cache(maxsize=16)
def _frame_of(geometry: CalorimeterGeometry, stack: Stack) -> _Frame:
    edges = np.concatenate([np.stack([layer.r_edges[:-1], layer.r_edges[1:]]) for layer in geometry.layers], axis=1)
    rings = [layer.n_r for layer in geometry.layers]
    return _Frame(
        walls=np.array([layer.z_edges for layer in geometry.layers]).T / stack.radiation_length,
        edges=edges / stack.moliere_radius,
        layer=np.repeat(np.arange(geometry.n_layers), rings),
        share=np.repeat([1 / layer.n_alpha for layer in geometry.layers], rings),
        starts=[part.start for part in geometry.voxel_slices],
    )


_TUNGSTEN = Stack(("W", "Si"), (1.4, 0.3), 0.145)
"""4.6 % at 10 GeV, as Geant4 11.4 has it for this stack."""

SIMULATORS = {
    "45x16x9": Simulator(layout("45x16x9"), _TUNGSTEN),
    "45x50x18": Simulator(layout("45x50x18"), _TUNGSTEN),
    "28x16x9": Simulator(layout("28x16x9"), Stack(("PbWO4",), (280.0,), 0.0)),
    "70x16x9": Simulator(layout("70x16x9"), Stack(("Pb", "LAr"), (1.5, 4.5), 0.085)),
}
"""Each layout with its material."""


def simulator(name: str) -> Simulator:
    """The simulator of the geometry called `name`.

    Raises
    ------
    ConfigError
        If there is none.
    """
    layout(name)
    return SIMULATORS[name]
