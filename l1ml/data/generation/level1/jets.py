"""Jets of the Layer-2 calorimeter trigger.

9 x 9 towers around a local maximum, minus the energy of the surroundings ("chunky doughnut": four 3 x 9 strips, the largest
left out). CMS Collaboration, "Performance of the CMS Level-1 trigger in proton-proton collisions at 13 TeV",
arXiv:2006.10165, section 5.3; CMS-TDR-012.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.level1.neighbourhood import Seeds, find_seeds, local_maxima, window, window_offsets
from l1ml.data.generation.level1.ranking import hardest
from l1ml.data.generation.level1.towers import eta_words, phi_words
from l1ml.data.generation.level1.trigger_parameters import TRIGGER_PARAMETERS, PtCalibration
from l1ml.data.schema import LEVEL1_SCHEMA

__all__ = ["build_jets", "jet_candidates"]

_SEED_COUNTS = 8  # 4 GeV
_HALF_WIDTH = 4
_INSIDE = range(-4, 5)
_BEFORE, _AFTER = range(-7, -4), range(5, 8)
_JET = window_offsets(_INSIDE, _INSIDE)
_STRIPS = np.stack(
    [
        window_offsets(_BEFORE, _INSIDE),
        window_offsets(_AFTER, _INSIDE),
        window_offsets(_INSIDE, _BEFORE),
        window_offsets(_INSIDE, _AFTER),
    ]
)
_SCHEMA = LEVEL1_SCHEMA.object("jet")


def build_jets(
    towers: NDArray[np.int32], calibration: PtCalibration = TRIGGER_PARAMETERS.jet_calibration
) -> dict[str, NDArray[np.int32]]:
    """Ten hardest jets of each crossing.

    Parameters
    ----------
    towers : ndarray of int32, shape (n_crossings, 114, 72)
        ECAL + HCAL counts of 0.5 GeV.
    calibration : PtCalibration
        From counts to pt.

    Returns
    -------
    dict of ndarray of int32, shape (n_crossings, 10)
        ``hw_pt``, ``hw_eta``, ``hw_phi``.
    """
    seeds, words = jet_candidates(towers, calibration)
    return hardest(seeds.crossing, words, len(towers), _SCHEMA.n_slots)


def jet_candidates(towers: NDArray[np.int32], calibration: PtCalibration) -> tuple[Seeds, dict[str, NDArray[np.int64]]]:
    """Seeds of all jets and their pt, eta and phi words."""
    seeds = local_maxima(find_seeds(towers, _SEED_COUNTS), _HALF_WIDTH)
    counts = jet_counts(seeds)
    return seeds, {
        "hw_pt": np.minimum(calibration.calibrated(counts), _SCHEMA.field("pt").scale.max_word),
        "hw_eta": eta_words(seeds.ring),
        "hw_phi": phi_words(seeds.sector),
    }


def jet_counts(seeds: Seeds) -> NDArray[np.int64]:
    """Counts of each jet after subtraction, not negative.

    The three strips that are kept have as many towers (81) as the jet. Strips beyond the last ring hold nothing.
    """
    jet = window(seeds, _JET).sum(axis=1, dtype=np.int64)
    strips = window(seeds, _STRIPS.ravel()).reshape(-1, *_STRIPS.shape).sum(axis=2, dtype=np.int64)
    surroundings = strips.sum(axis=1) - strips.max(axis=1, initial=0)
    return np.asarray(np.maximum(jet - surroundings, 0))
