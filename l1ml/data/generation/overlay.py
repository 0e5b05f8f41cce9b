"""Crossings out of collisions: place, add up, digitise, run the Level-1 algorithms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Collections
from l1ml.data.generation.level1.egamma import build_egamma
from l1ml.data.generation.level1.global_trigger import build_calorimeter_objects
from l1ml.data.generation.level1.jets import build_jets
from l1ml.data.generation.level1.missing_energy import build_missing_energy
from l1ml.data.generation.level1.muon_codes import build_full_muons
from l1ml.data.generation.level1.muons import PlacedCandidates, build_muons
from l1ml.data.generation.level1.regions import build_regions
from l1ml.data.generation.level1.tower_response import FittedTowers
from l1ml.data.generation.level1.towers import ECAL_RINGS, N_RINGS, N_SECTORS, N_TOWERS, N_VARIANTS, variant_table
from l1ml.data.generation.level1.trigger_parameters import TRIGGER_PARAMETERS
from l1ml.data.generation.pool import CollisionPool

__all__ = ["Composition", "Overlay", "digitised", "placed_energies", "ragged_rows"]

_MEV_PER_COUNT = 500
_MAX_COUNTS = 255
_ECAL_NOISE_MEV = 150.0
"""Electronic noise of a trigger tower: 25 crystals of about 40 MeV energy each, less what the filter takes (JINST 3 S08004)."""

_HCAL_SHIFT = 2.0**26
"""ECAL and HCAL ride in one float64 as ``ecal + hcal * 2**26`` (MeV): half the memory traffic of two sums, and exact, because a
tower never sees 67 TeV and the whole stays below 2**53."""


@dataclass(frozen=True, eq=False)
class Composition:
    """Which collisions make up which crossing.

    Parameters
    ----------
    n_crossings : int
        Number of crossings.
    crossing : ndarray of int64, shape (n,)
        Crossing of each collision, rising.
    collision : ndarray of int64, shape (n,)
        Number of the collision in the pool.
    relative : ndarray of float64, shape (n_crossings,), optional
        Mean number of collisions of each crossing (mu) over the mean of all crossings; 1 by default.
    """

    n_crossings: int
    crossing: NDArray[np.int64]
    collision: NDArray[np.int64]
    relative: NDArray[np.float64] | None = None

    @property
    def collisions(self) -> NDArray[np.int64]:
        """Number of collisions in each crossing, shape (n_crossings,)."""
        return np.bincount(self.crossing, minlength=self.n_crossings)

    def chunks(self, size: int) -> Iterator[Composition]:
        """Pieces of at most `size` crossings, numbered from 0 in each."""
        for first in range(0, self.n_crossings, size):
            last = min(first + size, self.n_crossings)
            rows = slice(*np.searchsorted(self.crossing, (first, last)))
            relative = None if self.relative is None else self.relative[first:last]
            yield Composition(last - first, self.crossing[rows] - first, self.collision[rows], relative)


class Overlay:
    """The Level-1 trigger's view of crossings made from one pool.

    Parameters
    ----------
    pool : CollisionPool
        All collisions that a `Composition` may name.
    objects : str
        Which set of objects, see `l1ml.data.generation.config.OBJECT_SETS`.
    fitted : FittedTowers, optional
        Towers as recorded crossings have them; plain sums by default.
    """

    _CHUNK = 32  # crossings at a time: the working set stays in the cache and memory flat

    def __init__(self, pool: CollisionPool, objects: str = "axol1tl", fitted: FittedTowers | None = None) -> None:
        self._pool = pool
        self._fitted = fitted
        self._parameters = TRIGGER_PARAMETERS if fitted is None else fitted.parameters(TRIGGER_PARAMETERS)
        self._full, self._regions = objects == "global_trigger", objects == "calo_regions"
        self._energy = pool.towers.ecal + pool.towers.hcal * _HCAL_SHIFT
        self._variants = variant_table().ravel()

    def objects(self, composition: Composition, rng: np.random.Generator) -> Iterator[Collections]:
        """Trigger objects of consecutive pieces of `composition`.

        Every collision is rotated by a whole number of towers and mirrored in eta at random. What the larger set of objects
        needs beyond that is drawn from a generator of its own, so that the words that the sets share are the same.
        """
        extra = rng.spawn(1)[0] if self._full else None
        for piece in composition.chunks(self._CHUNK):
            variant = rng.integers(0, N_VARIANTS, len(piece.collision))
            ecal, hcal = digitised(self._energies(piece, variant), rng, self._fitted, piece.relative)
            towers = ecal + hcal
            if extra is None:
                yield {
                    "met": build_missing_energy(towers),
                    "egamma": build_egamma(ecal, hcal),
                    "muon": build_muons(self._muons(piece, variant), piece.n_crossings, rng),
                    "jet": build_jets(towers, self._parameters.jet_calibration),
                    **({"region": build_regions(towers)} if self._regions else {}),
                }
            else:
                muons = self._muons(piece, variant)
                yield {
                    "muon": build_full_muons(muons, piece.n_crossings, rng, extra, self._parameters.muon),
                    **build_calorimeter_objects(ecal, hcal, towers, self._parameters),
                }

    def _energies(self, piece: Composition, variant: NDArray[np.int64]) -> NDArray[np.float64]:
        """Summed energies of the towers, both layers in one number, shape (n_crossings * N_TOWERS,)."""
        rows, count = ragged_rows(self._pool.tower_start, piece.collision)
        tower = self._variants[np.repeat(variant * N_TOWERS, count) + self._pool.towers.tower[rows]]
        return placed_energies(np.repeat(piece.crossing, count), tower, self._energy[rows], piece.n_crossings)

    def _muons(self, piece: Composition, variant: NDArray[np.int64]) -> PlacedCandidates:
        """Muon candidates after the rotation and mirror of their collision."""
        muons = self._pool.muons
        rows, count = ragged_rows(self._pool.muon_start, piece.collision)
        rotation, mirrored = np.divmod(np.repeat(variant, count), 2)
        eta = muons.eta[rows].astype(np.float64)
        return PlacedCandidates(
            np.repeat(piece.crossing, count),
            muons.pt[rows].astype(np.float64),
            np.where(mirrored == 1, -eta, eta),
            muons.phi[rows] + rotation * (2 * pi / N_SECTORS),
            muons.probability[rows].astype(np.float64),
            muons.least_fraction[rows].astype(np.float64),
            muons.charge[rows].astype(np.int64),
        )


def ragged_rows(start: NDArray[np.int64], which: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the lists `which` of a ragged array, one list after the other, and the length of each list."""
    count = start[which + 1] - start[which]
    end = np.cumsum(count)
    total = int(end[-1]) if len(end) else 0
    return np.arange(total) + np.repeat(start[which] - (end - count), count), count


def placed_energies(
    crossing: NDArray[np.int64], tower: NDArray[np.uint16], energy: NDArray[np.float64], n_crossings: int
) -> NDArray[np.float64]:
    """Sum of `energy` per (crossing, tower), shape (n_crossings * N_TOWERS,)."""
    return np.bincount(crossing * N_TOWERS + tower, energy, n_crossings * N_TOWERS).astype(np.float64, copy=False)


def digitised(
    energies: NDArray[np.float64],
    rng: np.random.Generator,
    fitted: FittedTowers | None = None,
    relative: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """ECAL and HCAL counts of 0.5 GeV, each of shape (n_crossings, 114, 72).

    Parameters
    ----------
    energies : ndarray of float64, shape (n_crossings * N_TOWERS,)
        ECAL and HCAL in one number, MeV, see `_HCAL_SHIFT`.
    rng : numpy.random.Generator
        Source of the Gaussian noise of the ECAL towers.
    fitted : FittedTowers, optional
        Makes counts of energies in place of the plain rounding.
    relative : ndarray of float64, shape (n_crossings,), optional
        See `Composition`; only the fitted towers ask for it.

    Notes
    -----
    Less than one count is suppressed; 8 bits saturate at 127.5 GeV.
    """
    packed = energies.reshape(-1, N_RINGS, N_SECTORS)
    hcal = np.floor(packed * (1 / _HCAL_SHIFT))
    ecal = packed - hcal * _HCAL_SHIFT
    covered = ecal[:, ECAL_RINGS]
    covered += rng.standard_normal(covered.shape, np.float32) * np.float32(_ECAL_NOISE_MEV)
    return (_counts(ecal), _counts(hcal)) if fitted is None else fitted.counts(ecal, hcal, relative)


def _counts(energy: NDArray[np.float64]) -> NDArray[np.int32]:
    """Energy in MeV as saturated counts, rounded down."""
    return np.clip(energy / _MEV_PER_COUNT, 0, _MAX_COUNTS).astype(np.int32)
