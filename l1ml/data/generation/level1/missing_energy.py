"""Missing transverse energy of the Layer-2 calorimeter trigger.

Vector sum of the towers above a threshold that rises with |eta| and with the estimated pileup (the number of filled central
towers), as in arXiv:2006.10165, section 5.4. Integer sums with sines in 1/1024.
"""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.level1.towers import N_SECTORS, RING_ETA
from l1ml.data.schema import LEVEL1_SCHEMA

__all__ = ["build_missing_energy", "counted_towers", "filled_towers", "missing_words", "tower_thresholds"]

_SINE_BITS = 10
_ANGLES = (np.arange(N_SECTORS) + 0.5) * (2 * pi / N_SECTORS)
_DIRECTIONS = np.rint(np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1) * 2**_SINE_BITS).astype(np.int64)

_CENTRAL = np.abs(RING_ETA) < 4 * 0.087
_PHI_WORDS = 144

_SCHEMA = LEVEL1_SCHEMA.object("met")


def tower_thresholds(filled: NDArray[np.int64]) -> NDArray[np.int64]:
    """Least counts of a tower to enter the sum, shape (n_crossings, 114).

    Parameters
    ----------
    filled : ndarray of int64, shape (n_crossings,)
        Towers with energy among the 576 central ones (|eta| < 0.35).
    """
    slope = np.rint(8 + 10 * np.abs(RING_ETA)).astype(np.int64)
    return np.asarray(1 + ((filled[:, None] * slope) >> 8))


def build_missing_energy(towers: NDArray[np.int32]) -> dict[str, NDArray[np.int32]]:
    """Missing energy of each crossing.

    Parameters
    ----------
    towers : ndarray of int32, shape (n_crossings, 114, 72)
        ECAL + HCAL counts of 0.5 GeV.

    Returns
    -------
    dict of ndarray of int32, shape (n_crossings, 1)
        ``hw_pt``, ``hw_eta`` (always 0), ``hw_phi`` of the direction opposite to the sum.
    """
    return missing_words(counted_towers(towers, filled_towers(towers)).sum(axis=1, dtype=np.int64))


def filled_towers(towers: NDArray[np.int32]) -> NDArray[np.int64]:
    """How many of the 576 central towers have energy, shape (n_crossings,): the trigger's estimate of the pileup."""
    return np.asarray(np.count_nonzero(towers[:, _CENTRAL], axis=(1, 2)))


def counted_towers(towers: NDArray[np.int32], filled: NDArray[np.int64]) -> NDArray[np.int32]:
    """`towers` without those below their threshold."""
    return np.where(towers >= tower_thresholds(filled)[:, :, None], towers, 0)


def missing_words(sectors: NDArray[np.int64]) -> dict[str, NDArray[np.int32]]:
    """Words of what is missing in a vector sum.

    Parameters
    ----------
    sectors : ndarray of int64, shape (n_crossings, 72)
        Counts in each sector of phi.

    Returns
    -------
    dict of ndarray of int32, shape (n_crossings, 1)
        ``hw_pt``, ``hw_eta`` (always 0), ``hw_phi``.
    """
    east, north = (sectors @ _DIRECTIONS).T
    counts = np.sqrt(east.astype(np.float64) ** 2 + north.astype(np.float64) ** 2).astype(np.int64) >> _SINE_BITS
    turn = np.arctan2(-north, -east) / (2 * pi)
    pt = np.minimum(counts, _SCHEMA.field("pt").scale.max_word)
    phi = np.where(pt > 0, np.floor(turn * _PHI_WORDS).astype(np.int64) % _PHI_WORDS, 0)
    columns = {"hw_pt": pt, "hw_eta": np.zeros_like(pt), "hw_phi": phi}
    return {name: column.astype(np.int32)[:, None] for name, column in columns.items()}
