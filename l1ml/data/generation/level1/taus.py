"""Hadronic taus of the Layer-2 calorimeter trigger.

ECAL + HCAL clusters of 3 x 3 towers around a local maximum, joined to the hardest tower further out in phi, as the magnetic
field spreads three-prong decays. After arXiv:2006.10165, section 5.2, where clusters grow freely and are trimmed. With 3 x 5
towers the zero-bias rate of two isolated taus of 34 GeV is a third higher, for 0.30 in place of 0.27 of the H -> tau tau.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.level1.neighbourhood import Seeds, find_seeds, local_maxima, window, window_offsets
from l1ml.data.generation.level1.towers import RING_ETA, eta_words, phi_words
from l1ml.data.generation.level1.trigger_parameters import TauParameters
from l1ml.data.schema import GLOBAL_TRIGGER_SCHEMA

__all__ = ["TAU_FOOTPRINT", "tau_candidates"]

_RINGS = range(-1, 2)
TAU_FOOTPRINT = window_offsets(_RINGS, range(-1, 2))
_BESIDE = np.concatenate([window_offsets(_RINGS, range(-4, -1)), window_offsets(_RINGS, range(2, 5))])
_HALF_WIDTH = 2
_MAX_WORD = GLOBAL_TRIGGER_SCHEMA.object("tau").field("pt").scale.max_word


def tau_candidates(
    towers: NDArray[np.int32], parameters: TauParameters
) -> tuple[Seeds, dict[str, NDArray[np.int64]], NDArray[np.int64]]:
    """Seeds of all clusters, their pt, eta and phi words, and the counts of the second prong that each took in.

    Parameters
    ----------
    towers : ndarray of int32, shape (n_crossings, 114, 72)
        ECAL + HCAL counts of 0.5 GeV.
    parameters : TauParameters
        Thresholds and calibration.
    """
    candidates = find_seeds(towers, parameters.seed_counts)
    central = np.abs(RING_ETA[candidates.ring]) < parameters.acceptance
    seeds = local_maxima(candidates.select(central), _HALF_WIDTH)
    cluster = window(seeds, TAU_FOOTPRINT)
    main = np.where(cluster >= parameters.neighbour_counts, cluster, 0).sum(axis=1, dtype=np.int64)
    hardest_beside = window(seeds, _BESIDE).max(axis=1, initial=0).astype(np.int64)
    second = np.where(hardest_beside >= parameters.second_counts, hardest_beside, 0)
    words = {
        "hw_pt": np.minimum(parameters.calibration.calibrated(main + second), _MAX_WORD),
        "hw_eta": eta_words(seeds.ring),
        "hw_phi": phi_words(seeds.sector),
    }
    return seeds, words, second
