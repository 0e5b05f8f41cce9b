"""Scalar and vector sums of the Layer-2 calorimeter trigger, and the number of filled towers.

ETT, ETTEM, HTT; ETM and HTM with and without the forward region. After arXiv:2006.10165, section 5.4.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.level1.missing_energy import counted_towers, missing_words
from l1ml.data.generation.level1.neighbourhood import Seeds
from l1ml.data.generation.level1.towers import ECAL_RINGS, N_SECTORS, RING_ETA
from l1ml.data.generation.level1.trigger_parameters import SumParameters
from l1ml.data.schema import GLOBAL_TRIGGER_SCHEMA

__all__ = ["build_jet_sums", "build_tower_sums"]

_MAX_PT = GLOBAL_TRIGGER_SCHEMA.object("ett").field("pt").scale.max_word
_MAX_TOWERS = GLOBAL_TRIGGER_SCHEMA.object("towercount").field("count").scale.max_word

Words = dict[str, NDArray[np.int32]]


def build_tower_sums(ecal: NDArray[np.int32], towers: NDArray[np.int32], filled: NDArray[np.int64]) -> dict[str, Words]:
    """Sums over towers.

    Parameters
    ----------
    ecal, towers : ndarray of int32, shape (n_crossings, 114, 72)
        ECAL and ECAL + HCAL counts of 0.5 GeV.
    filled : ndarray of int64, shape (n_crossings,)
        See `l1ml.data.generation.level1.missing_energy.filled_towers`.

    Returns
    -------
    dict of dict of ndarray of int32, shape (n_crossings, 1)
        ``ett``, ``ettem`` and ``towercount`` with |eta| < 3, ``etm`` of the same and ``etmhf`` of all towers. Only ETM and ETMHF
        have thresholds that follow the pileup.
    """
    counted = counted_towers(towers, filled)
    central = counted[:, ECAL_RINGS].sum(axis=1, dtype=np.int64)
    sides = (slice(0, ECAL_RINGS.start), slice(ECAL_RINGS.stop, None))
    everything = central + sum(counted[:, side].sum(axis=1, dtype=np.int64) for side in sides)
    inner = towers[:, ECAL_RINGS]
    return {
        "ett": {"hw_pt": _word(inner.sum(axis=(1, 2), dtype=np.int64), _MAX_PT)},
        "ettem": {"hw_pt": _word(ecal[:, ECAL_RINGS].sum(axis=(1, 2), dtype=np.int64), _MAX_PT)},
        "etm": _without_eta(missing_words(central)),
        "etmhf": _without_eta(missing_words(everything)),
        "towercount": {"hw_count": _word(np.asarray(np.count_nonzero(inner, axis=(1, 2))), _MAX_TOWERS)},
    }


def build_jet_sums(
    jets: Seeds, words: Mapping[str, NDArray[np.int64]], n_crossings: int, parameters: SumParameters
) -> dict[str, Words]:
    """``htt``, ``htm`` and ``htmhf`` of all jets above a threshold; `words` are those of every jet, before twelve are chosen."""
    hard = words["hw_pt"] >= parameters.jet_counts
    central = hard & (np.abs(RING_ETA[jets.ring]) < parameters.jet_acceptance)
    inner, everything = (_per_sector(jets, words["hw_pt"], chosen, n_crossings) for chosen in (central, hard))
    return {
        "htt": {"hw_pt": _word(inner.sum(axis=1), _MAX_PT)},
        "htm": _without_eta(missing_words(inner)),
        "htmhf": _without_eta(missing_words(everything)),
    }


def _per_sector(jets: Seeds, pt: NDArray[np.int64], chosen: NDArray[np.bool_], n_crossings: int) -> NDArray[np.int64]:
    """Counts of the `chosen` jets in each sector of each crossing, shape (n_crossings, 72)."""
    place = jets.crossing[chosen] * N_SECTORS + jets.sector[chosen]
    total = np.bincount(place, pt[chosen], n_crossings * N_SECTORS)
    return total.astype(np.int64).reshape(n_crossings, N_SECTORS)


def _word(counts: NDArray[np.int64], maximum: int) -> NDArray[np.int32]:
    """Saturated words, shape (n_crossings, 1)."""
    return np.minimum(counts, maximum).astype(np.int32)[:, None]


def _without_eta(words: Words) -> Words:
    """A sum as the Global Trigger receives it."""
    return {name: column for name, column in words.items() if name != "hw_eta"}
