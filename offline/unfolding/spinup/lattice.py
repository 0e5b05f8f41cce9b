"""Evenly spread Gaussian noise: integrals over it converge far faster than over independent draws."""

from __future__ import annotations

import numpy as np

from l1ml._optional import require
from offline.unfolding.sample import FloatArray

__all__ = ["gaussian_lattice"]


def gaussian_lattice(n: int, k: int, d: int, rng: np.random.Generator) -> FloatArray:
    """`n` sets of `k` points that are spread like N(0, 1) in `d` dimensions, shape (n, k, d).

    Each set is the same rank-1 lattice, moved by a random vector of its own (Cranley and Patterson 1976), so every point is a
    standard normal one and averages over a set are unbiased. The first coordinate is equidistant, the others follow powers of
    the generalised golden ratio, the real root of g^d = g + 1.

    Parameters
    ----------
    n, k, d : int
        Sets, points of each, dimensions.
    rng : numpy.random.Generator
        Source of the moves.
    """
    ratio = 2.0
    for _ in range(64):
        ratio = (1 + ratio) ** (1 / d)
    steps = np.concatenate([[1 / k], ratio ** -np.arange(1.0, d)])
    unit = (np.arange(k)[:, None] * steps + rng.random((n, 1, d))) % 1.0
    noise: FloatArray = require("scipy.special").ndtri(np.clip(unit, 1e-9, 1 - 1e-9))
    return noise
