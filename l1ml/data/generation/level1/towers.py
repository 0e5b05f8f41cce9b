"""The calorimeter as the Level-1 trigger divides it: towers, rotations, energy counts.

114 rings of 0.087 in eta (|eta| < 4.959) times 72 sectors of 5 degrees. In CMS the towers above |eta| = 1.74 grow and
those of the forward calorimeter (|eta| > 3) are about 0.17 x 20 degrees; one uniform grid keeps every ring alike, so that a
collision can be rotated and mirrored exactly. The finer forward grid makes forward jets narrower than in CMS.
"""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ECAL_RINGS",
    "N_RINGS",
    "N_SECTORS",
    "N_TOWERS",
    "N_VARIANTS",
    "RING_ETA",
    "eta_words",
    "is_forward",
    "phi_words",
    "tower_index",
    "variant_table",
]

N_RINGS = 114
N_SECTORS = 72
N_TOWERS = N_RINGS * N_SECTORS
N_VARIANTS = 2 * N_SECTORS
"""Ways to place one collision: 72 rotations, mirrored in eta or not; even numbers are not mirrored."""

TOWER_ETA = 0.087
RING_ETA: NDArray[np.float64] = (np.arange(N_RINGS, dtype=np.float64) - (N_RINGS - 1) / 2) * TOWER_ETA
"""Pseudorapidity of the centre of each ring."""

_ECAL_HALF = 34
ECAL_RINGS = slice(N_RINGS // 2 - _ECAL_HALF, N_RINGS // 2 + _ECAL_HALF)
"""Rings that have an electromagnetic calorimeter in front, |eta| < 2.958; the others are the forward calorimeter."""


def tower_index(eta: NDArray[np.float64], phi: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number of the tower at (`eta`, `phi` in radians), ``ring * 72 + sector``; -1 outside the grid."""
    ring = np.floor(eta / TOWER_ETA).astype(np.int64) + N_RINGS // 2
    sector = np.floor(phi * (N_SECTORS / (2 * pi))).astype(np.int64) % N_SECTORS
    return np.where((ring >= 0) & (ring < N_RINGS), ring * N_SECTORS + sector, -1)


def is_forward(tower: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a tower number belongs to the forward calorimeter; also true for -1, outside the grid."""
    ring = tower // N_SECTORS
    return np.asarray((ring < ECAL_RINGS.start) | (ring >= ECAL_RINGS.stop))


def variant_table() -> NDArray[np.uint16]:
    """Tower number after rotation and mirror, shape (N_VARIANTS, N_TOWERS): row ``2 * sectors + mirrored``."""
    ring, sector = np.divmod(np.arange(N_TOWERS), N_SECTORS)
    rotation, mirrored = np.divmod(np.arange(N_VARIANTS)[:, None], 2)
    placed = np.where(mirrored == 1, N_RINGS - 1 - ring, ring)
    return np.asarray(placed * N_SECTORS + (sector + rotation) % N_SECTORS, dtype=np.uint16)


def eta_words(ring: NDArray[np.int64]) -> NDArray[np.int64]:
    """Global Trigger eta word (half towers, 0.0435) of the centre of each ring: odd, -113..113."""
    return 2 * ring - (N_RINGS - 1)


def phi_words(sector: NDArray[np.int64]) -> NDArray[np.int64]:
    """Global Trigger phi word (half towers, 2 pi / 144) of the centre of each sector: odd, 1..143."""
    return 2 * sector + 1
