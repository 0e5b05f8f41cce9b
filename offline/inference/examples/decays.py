"""Two-body decays, isotropic in the frame of what decays."""

from __future__ import annotations

import numpy as np

from offline.inference.arrays import FloatArray

__all__ = ["boosted", "mass_of", "two_body", "unit_vectors"]


def unit_vectors(shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    """Isotropic directions, shape (..., 3)."""
    cosine, phi = rng.uniform(-1, 1, shape), rng.uniform(-np.pi, np.pi, shape)
    sine = np.sqrt(1 - np.square(cosine))
    return np.stack([sine * np.cos(phi), sine * np.sin(phi), cosine], axis=-1)


def two_body(
    parent: FloatArray, mass: FloatArray, masses: tuple[FloatArray, FloatArray], rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Four-momenta (E, px, py, pz) of both products, shapes (..., 4).

    Parameters
    ----------
    parent : ndarray of float64, shape (..., 4)
        Four-momenta of what decays.
    mass : ndarray of float64, shape (...)
        Its mass, above the sum of the others.
    masses : tuple of ndarray
        Of the products, shapes (...).
    rng : numpy.random.Generator
        For the directions.
    """
    one, two = (np.square(values) for values in masses)
    square = np.square(mass)
    energy = (square + one - two) / (2 * mass)
    momentum = np.sqrt(np.maximum(np.square(energy) - one, 0.0))
    direction = unit_vectors(mass.shape, rng) * momentum[..., None]
    first = np.concatenate([energy[..., None], direction], axis=-1)
    second = np.concatenate([(mass - energy)[..., None], -direction], axis=-1)
    return boosted(first, parent, mass), boosted(second, parent, mass)


def boosted(momentum: FloatArray, parent: FloatArray, mass: FloatArray) -> FloatArray:
    """Four-momenta, shape (..., 4), from the frame in which `parent` rests to that in which it is what it is."""
    flight = parent[..., 1:] / mass[..., None]
    along = (momentum[..., 1:] * flight).sum(axis=-1)
    gamma = parent[..., 0] / mass
    energy = gamma * momentum[..., 0] + along
    rest = momentum[..., 1:] + flight * (along / (gamma + 1) + momentum[..., 0])[..., None]
    return np.concatenate([energy[..., None], rest], axis=-1)


def mass_of(momentum: FloatArray) -> FloatArray:
    """Invariant mass, shape (...); 0 where rounding makes its square negative."""
    square = np.square(momentum[..., 0]) - np.square(momentum[..., 1:]).sum(axis=-1)
    return np.asarray(np.sqrt(np.maximum(square, 0.0)))
