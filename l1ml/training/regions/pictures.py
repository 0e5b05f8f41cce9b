"""What a student looks at: crossings turned in phi, and two crossings at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.data.calo_regions import N_PHI, REGION_SCHEMA, region_image

__all__ = ["mixed", "pictures", "turned"]

_MOST = REGION_SCHEMA.objects[0].fields[0].scale.max_word

Words = NDArray[np.int32]


def turned(words: Words, steps: NDArray[np.int64]) -> Words:
    """Crossings `words`, shape (n, 252), each turned in phi by so many regions of 20 degrees, shape (n,)."""
    rows = (np.arange(N_PHI) - steps[:, None]) % N_PHI
    found: Words = np.take_along_axis(region_image(words), rows[:, :, None], axis=1).reshape(words.shape)
    return found


def mixed(words: Words, n: int, rng: np.random.Generator) -> Words:
    """`n` sums of two crossings of `words`, one of them turned; 10 bits saturate."""
    one, other = rng.integers(0, len(words), (2, n))
    both: Words = np.minimum(words[one] + turned(words[other], rng.integers(0, N_PHI, n)), _MOST)
    return both


def pictures(words: Words, turns: int, mixtures: float, rng: np.random.Generator) -> Words:
    """Each crossing of `words` at `turns` angles, the first of them its own, and for each of these `mixtures` mixed ones.

    Parameters
    ----------
    words : ndarray of int32, shape (n, 252)
    turns : int
        1 to 18.
    mixtures : float
        Not negative.
    rng : numpy.random.Generator
        Draws angles and pairs.
    """
    angles = np.concatenate([[0], 1 + rng.permutation(N_PHI - 1)])[:turns]
    seen = [turned(words, np.full(len(words), angle)) for angle in angles]
    return np.concatenate([*seen, mixed(words, round(mixtures * turns * len(words)), rng)])
