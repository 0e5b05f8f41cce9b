"""Jets of random constituents."""

from __future__ import annotations

import numpy as np

from l1ml.data.generation.jet_samples.four_vectors import four_vectors
from l1ml.data.generation.jet_samples.jet_clusters import Jets


def toy_constituents(n: int, rng: np.random.Generator, eta: float = 0.3, phi: float = 3.0) -> np.ndarray:
    """`n` massive particles around one direction, across the seam of the azimuth."""
    pt = rng.exponential(8.0, n) + 0.2
    spread = rng.normal(0, 0.15, (2, n))
    return four_vectors(pt, eta + spread[0], phi + spread[1], 1.01 * pt * np.cosh(eta + spread[0]))


def toy_jets(counts: list[int], rng: np.random.Generator) -> Jets:
    """One jet in each collision."""
    parts = [toy_constituents(n, rng) for n in counts]
    momentum = np.array([part.sum(axis=0) for part in parts])
    return Jets(np.arange(len(counts)), momentum, np.array(counts), np.concatenate(parts))
