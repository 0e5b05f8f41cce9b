"""The calorimeter as Geant4 has it, and what it calls.

Only the process of an engine imports this, once the tables are there: to import Geant4 without them begins a download.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from offline.calorimeter.geometry import CalorimeterGeometry, Layer
from offline.calorimeter.simulation.geant4.simulator import PHYSICS, Geant4Simulator
from offline.calorimeter.simulation.walls import walls_of

g4 = require("geant4_pybind")

__all__ = ["World"]

FloatArray = NDArray[np.float64]

_NIST = {"vacuum": "G4_Galactic", "LAr": "G4_lAr"}
"""Names of materials that are not G4_ and ours."""

_BEFORE = 50.0
"""mm from the place of the gun to the front."""


class World:
    """A calorimeter, its particles, and what it sees of them.

    Parameters
    ----------
    simulator : Geant4Simulator
        What it is made of.
    """

    def __init__(self, simulator: Geant4Simulator) -> None:
        self._kernel = g4.G4RunManager()
        self._kernel.SetVerboseLevel(0)
        self._detector, self._physics = _Detector(simulator), _Physics(simulator.cut)
        self._kernel.SetUserInitialization(self._detector)
        self._kernel.SetUserInitialization(self._physics)
        # in this order: Geant4 ends the process where actions come before physics
        self._gun, self._seen = _Gun(simulator.particle, walls_of(simulator.geometry)[0][0]), _Seen(simulator.geometry)
        g4.G4UImanager.GetUIpointer().ApplyCommand(f"/run/setCut {simulator.cut} mm")
        self._kernel.SetUserAction(self._gun)
        self._kernel.SetUserAction(self._seen)
        self._kernel.Initialize()
        self._kernel.BeamOn(0)

    def deposits(self, energies: FloatArray, seeds: Sequence[int], aside: tuple[float, float]) -> FloatArray:
        """See `Engine.deposits`."""
        self._gun.load(energies, seeds, aside)
        self._seen.rows = []
        self._kernel.BeamOn(len(energies))
        return np.array(self._seen.rows)


class _Detector(g4.G4VUserDetectorConstruction):  # type: ignore[misc, name-defined]  # Geant4 has no type hints
    """Slabs of active material in a cylinder of the first one; each is cut into rings, and these into sectors."""

    def __init__(self, simulator: Geant4Simulator) -> None:
        super().__init__()
        self._simulator = simulator
        self._cells: list[Any] = []
        # Geant4 keeps pointers, and Python must not collect what they point to
        self._kept: list[Any] = []

    def Construct(self) -> Any:  # noqa: N802  named by Geant4, as all of these
        """The world."""
        simulator = self._simulator
        walls = walls_of(simulator.geometry)
        front, back = walls[0][0], walls[-1][1]
        radius = max(layer.r_edges[-1] for layer in simulator.geometry.layers)
        half = 2 * (_BEFORE + radius + abs(front) + abs(back))
        world = self._logical(g4.G4Box("world", half, half, half), "vacuum")
        middle = 0.5 * (front + back)
        block = self._logical(_ring("calorimeter", 0.0, radius, back - front), simulator.stack.materials[0])
        self._placed(block, world, 0, middle)
        slabs: dict[tuple[Any, ...], Any] = {}
        for number, layer in enumerate(simulator.geometry.layers):
            for start, end in simulator.turns(layer):
                like = (round(end - start, 9), layer.r_edges, layer.n_alpha)
                slab = slabs.get(like) or slabs.setdefault(like, self._slab(layer, end - start))
                self._placed(slab, block, number, 0.5 * (start + end) - middle)
        return self._placed(world, None, 0, 0.0)

    def ConstructSDandField(self) -> None:  # noqa: N802
        """Counters in the cells."""
        detector = g4.G4MultiFunctionalDetector("cells")
        # depth of layers, rings and sectors above a cell
        counter = g4.G4PSEnergyDeposit3D("energy", *_grid(self._simulator.geometry), 2, 1, 0)
        detector.RegisterPrimitive(counter)
        g4.G4SDManager.GetSDMpointer().AddNewDetector(detector)
        for cell in self._cells:
            self.SetSensitiveDetector(cell, detector)
        self._kept += [detector, counter]

    def _slab(self, layer: Layer, depth: float) -> Any:
        """Active material of `layer`, in rings and sectors."""
        active = self._simulator.stack.materials[-1]
        slab = self._logical(_ring("slab", 0.0, layer.r_edges[-1], depth), active)
        width = 2 * np.pi / layer.n_alpha
        for at, (inner, outer) in enumerate(pairwise(layer.r_edges)):
            ring = self._logical(_ring("ring", inner, outer, depth), active)
            cell = self._logical(_ring("cell", inner, outer, depth, width), active)
            self._placed(ring, slab, at, 0.0)
            if layer.n_alpha == 1:
                # Geant4 never leaves a single replica of the whole angle
                self._placed(cell, ring, 0, 0.0)
            else:
                self._kept.append(g4.G4PVReplica("cell", cell, ring, g4.kPhi, layer.n_alpha, width, -np.pi))
            self._cells.append(cell)
        return slab

    def _logical(self, solid: Any, material: str) -> Any:
        found = g4.G4NistManager.Instance().FindOrBuildMaterial(_NIST.get(material, f"G4_{material}"))
        volume = g4.G4LogicalVolume(solid, found, solid.GetName())
        self._kept += [solid, volume]
        return volume

    def _placed(self, volume: Any, mother: Any, number: int, z: float) -> Any:
        placed = g4.G4PVPlacement(None, g4.G4ThreeVector(0, 0, z), volume, volume.GetName(), mother, False, number)
        self._kept.append(placed)
        return placed


def _ring(name: str, inner: float, outer: float, depth: float, angle: float = 2 * np.pi) -> Any:
    """Part of a cylinder; Geant4 turns the first of its replicas in the angle around the x axis."""
    start = -np.pi if angle == 2 * np.pi else -0.5 * angle
    return g4.G4Tubs(name, inner, outer, 0.5 * depth, start, angle)


def _grid(geometry: CalorimeterGeometry) -> tuple[int, int, int]:
    """Layers, and the most rings and sectors that one has."""
    return geometry.n_layers, max(layer.n_r for layer in geometry.layers), max(layer.n_alpha for layer in geometry.layers)


class _Physics(g4.G4VModularPhysicsList):  # type: ignore[misc, name-defined]
    """Electromagnetic processes."""

    def __init__(self, cut: float) -> None:
        super().__init__()
        self.SetVerboseLevel(0)
        self._processes = getattr(g4, PHYSICS)()
        self.RegisterPhysics(self._processes)
        self.SetDefaultCutValue(cut)


class _Gun(g4.G4VUserPrimaryGeneratorAction):  # type: ignore[misc, name-defined]
    """One particle along z for each event."""

    def __init__(self, particle: str, front: float) -> None:
        super().__init__()
        self._gun, self._particle, self._z = g4.G4ParticleGun(1), particle, front - _BEFORE
        self._waiting: Iterable[tuple[float, int]] = iter(())

    def load(self, energies: FloatArray, seeds: Sequence[int], aside: tuple[float, float]) -> None:
        """Particles to come."""
        self._waiting = zip(energies.tolist(), seeds, strict=True)
        self._gun.SetParticleDefinition(g4.G4ParticleTable.GetParticleTable().FindParticle(self._particle))
        self._gun.SetParticleMomentumDirection(g4.G4ThreeVector(0, 0, 1))
        self._gun.SetParticlePosition(g4.G4ThreeVector(*aside, self._z))

    def GeneratePrimaries(self, event: Any) -> None:  # noqa: N802
        """The next one, with random numbers of its own: showers do not depend on those before."""
        energy, seed = next(iter(self._waiting))
        g4.HepRandom.setTheSeed(seed)
        self._gun.SetParticleEnergy(energy)
        self._gun.GeneratePrimaryVertex(event)


class _Seen(g4.G4UserEventAction):  # type: ignore[misc, name-defined]
    """Deposits of each event."""

    def __init__(self, geometry: CalorimeterGeometry) -> None:
        super().__init__()
        _, rings, sectors = _grid(geometry)
        voxels, first = geometry.voxels, np.concatenate([[0], np.cumsum([layer.n_r for layer in geometry.layers])])
        number = (voxels.layer * rings + voxels.ring - first[voxels.layer]) * sectors + voxels.sector
        self._voxel = {int(cell): voxel for voxel, cell in enumerate(number)}
        self._n = geometry.n_voxels
        self.rows: list[FloatArray] = []

    def EndOfEventAction(self, event: Any) -> None:  # noqa: N802
        """Keep them."""
        row = np.zeros(self._n)
        for cell, energy in event.GetHCofThisEvent().GetHC(0):
            row[self._voxel[cell]] = energy
        self.rows.append(row)
