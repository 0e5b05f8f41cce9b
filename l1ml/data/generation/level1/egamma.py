"""Electrons and photons of the Layer-2 calorimeter trigger.

ECAL clusters of 3 x 3 towers around a local maximum, little HCAL energy behind, narrow. After arXiv:2006.10165, section 5.1;
there the shape of the cluster is read from a table, here it is one ratio. Isolation: `l1ml.data.generation.level1.isolation`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.level1.neighbourhood import Seeds, find_seeds, local_maxima, padded, window, window_offsets
from l1ml.data.generation.level1.ranking import hardest
from l1ml.data.generation.level1.towers import RING_ETA, eta_words, phi_words
from l1ml.data.schema import LEVEL1_SCHEMA

__all__ = ["build_egamma", "egamma_candidates"]

_SEED_COUNTS = 4  # 2 GeV
_NEIGHBOUR_COUNTS = 2  # 1 GeV: below, a neighbour is pileup or noise rather than a part of the shower
_HADRONIC_SHIFT = 4  # H/E < 1/16
_HADRONIC_FREE = 4  # HCAL counts in the window that pileup may leave
_SHAPE_SHIFT = 3  # less than 1/8 of the ECAL energy outside the two leading towers
_SHAPE_FREE = 1
_VETO_LIMIT = 256  # 128 GeV: saturated towers make ratios meaningless, and nothing harder is vetoed
_ACCEPTANCE = 2.5
_WINDOW = window_offsets(range(-1, 2), range(-1, 2))

_SCHEMA = LEVEL1_SCHEMA.object("egamma")


def build_egamma(ecal: NDArray[np.int32], hcal: NDArray[np.int32]) -> dict[str, NDArray[np.int32]]:
    """Four hardest e/gamma of each crossing, |eta| < 2.5.

    Parameters
    ----------
    ecal, hcal : ndarray of int32, shape (n_crossings, 114, 72)
        Counts of 0.5 GeV.

    Returns
    -------
    dict of ndarray of int32, shape (n_crossings, 4)
        ``hw_pt``, ``hw_eta``, ``hw_phi``.
    """
    seeds, words = egamma_candidates(ecal, hcal)
    return hardest(seeds.crossing, words, len(ecal), _SCHEMA.n_slots)


def egamma_candidates(ecal: NDArray[np.int32], hcal: NDArray[np.int32]) -> tuple[Seeds, dict[str, NDArray[np.int64]]]:
    """Seeds of all clusters and their pt, eta and phi words; pt is 0 where the shape of the cluster is wrong."""
    candidates = find_seeds(ecal, _SEED_COUNTS)
    central = np.abs(RING_ETA[candidates.ring]) < _ACCEPTANCE
    seeds = local_maxima(candidates.select(central), 1)
    cluster = window(seeds, _WINDOW)
    counts = np.where(cluster >= _NEIGHBOUR_COUNTS, cluster, 0).sum(axis=1, dtype=np.int64)
    behind = padded(hcal)[seeds.position[:, None] + _WINDOW].sum(axis=1, dtype=np.int64)
    kept = _is_electromagnetic(counts, behind) & _is_narrow(cluster, counts)
    return seeds, {
        "hw_pt": np.where(kept, np.minimum(counts, _SCHEMA.field("pt").scale.max_word), 0),
        "hw_eta": eta_words(seeds.ring),
        "hw_phi": phi_words(seeds.sector),
    }


def _is_electromagnetic(counts: NDArray[np.int64], behind: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Little energy in the HCAL behind the cluster."""
    return np.asarray((behind <= _HADRONIC_FREE) | (behind << _HADRONIC_SHIFT <= counts) | (counts >= _VETO_LIMIT))


def _is_narrow(cluster: NDArray[np.int32], counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """All but a little of the ECAL energy of the window, shape (n, 9), in two towers."""
    rest = np.sort(cluster, axis=1)[:, :-2].sum(axis=1, dtype=np.int64)
    return np.asarray((rest <= _SHAPE_FREE) | (rest << _SHAPE_SHIFT <= counts) | (counts >= _VETO_LIMIT))
