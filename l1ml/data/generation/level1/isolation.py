"""Energy around an object, and the bits that say how much of it is too much.

After arXiv:2006.10165, section 5.1: the transverse energy of ECAL and HCAL in a window around the seed, without the object's own,
against a threshold that follows the estimated pileup. There the window has 6 x 9 towers, the sixth row on the side of the
neighbour with more energy; here it is 5 x 9, which treats both sides alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.level1.neighbourhood import Seeds, window, window_offsets
from l1ml.data.generation.level1.trigger_parameters import IsolationCut

__all__ = ["energy_around", "is_isolated"]

_AROUND = window_offsets(range(-2, 3), range(-4, 5))


def energy_around(seeds: Seeds, footprint: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts in 5 x 9 towers around each seed that are not at the offsets `footprint`, shape (n_seeds,)."""
    outside = np.setdiff1d(_AROUND, footprint)
    return np.asarray(window(seeds, outside).sum(axis=1, dtype=np.int64))


def is_isolated(
    around: NDArray[np.int64], pt: NDArray[np.int64], filled: NDArray[np.int64], cut: IsolationCut
) -> NDArray[np.bool_]:
    """Whether `around` is below the threshold of objects of `pt` counts in crossings with `filled` central towers."""
    return np.asarray(around <= cut.offset + (cut.slope * filled >> 8) + (pt >> cut.relax))
