"""Four-vectors as arrays of (px, py, pz, energy) along the last axis, in GeV."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["FloatArray", "azimuth", "azimuth_difference", "four_vectors", "mass", "pseudorapidity", "rapidity", "transverse"]

FloatArray = NDArray[np.float64]


def four_vectors(pt: FloatArray, eta: FloatArray, phi: FloatArray, energy: FloatArray) -> FloatArray:
    """Four-vectors, shape (n, 4), from pt, pseudorapidity, azimuth and energy."""
    return np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), energy], axis=-1)


def transverse(momentum: FloatArray) -> FloatArray:
    """Transverse momentum."""
    return np.asarray(np.hypot(momentum[..., 0], momentum[..., 1]))


def azimuth(momentum: FloatArray) -> FloatArray:
    """Azimuth in radians, -pi..pi."""
    return np.asarray(np.arctan2(momentum[..., 1], momentum[..., 0]))


def azimuth_difference(first: FloatArray, second: FloatArray) -> FloatArray:
    """``first - second`` in radians, -pi..pi."""
    return np.asarray((first - second + np.pi) % (2 * np.pi) - np.pi)


def pseudorapidity(momentum: FloatArray) -> FloatArray:
    """Pseudorapidity; along the beam a large finite number."""
    return np.asarray(np.arcsinh(momentum[..., 2] / np.maximum(transverse(momentum), 1e-9)))


def rapidity(momentum: FloatArray) -> FloatArray:
    """Rapidity, from pz and the transverse mass, which is accurate at small angles too."""
    squared = np.maximum(momentum[..., 3] ** 2 - momentum[..., 2] ** 2, 1e-18)
    return np.asarray(np.arcsinh(momentum[..., 2] / np.sqrt(squared)))


def mass(momentum: FloatArray) -> FloatArray:
    """Invariant mass; 0 where rounding makes its square negative."""
    squared = momentum[..., 3] ** 2 - np.sum(momentum[..., :3] ** 2, axis=-1)
    return np.asarray(np.sqrt(np.maximum(squared, 0)))
