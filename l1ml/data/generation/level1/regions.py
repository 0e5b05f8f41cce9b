"""Regions of the calorimeter from the trigger towers.

A region is 4 sectors, 20 degrees, wide and has four towers of CMS in eta: 4 rings of 0.087 up to |eta| = 1.74; beyond, where
towers grow, 5 rings (to 2.175; 2.172 in CMS) and 9 (to 2.958; 3.0 in CMS). With 0.5 GeV suppressed in each of the finer towers
here, the outer regions have a little less than with fewer, larger ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.data.calo_regions import FIRST_SECTOR, N_PHI, REGION_SCHEMA
from l1ml.data.generation.level1.towers import ECAL_RINGS, N_SECTORS

__all__ = ["build_regions"]

_ITEM = REGION_SCHEMA.object("region")
_MOST = _ITEM.field("et").scale.max_word
_WIDTHS = (9, 5, 4, 4, 4, 4, 4)
_EDGES = ECAL_RINGS.start + np.concatenate([[0], np.cumsum((*_WIDTHS, *reversed(_WIDTHS)))])


def build_regions(towers: NDArray[np.int32]) -> dict[str, NDArray[np.int32]]:
    """Regions of each crossing.

    Parameters
    ----------
    towers : ndarray of int32, shape (n_crossings, 114, 72)
        ECAL + HCAL counts of 0.5 GeV.

    Returns
    -------
    dict of ndarray of int32, shape (n_crossings, 252)
        ``hw_et`` in counts of 0.5 GeV, which saturates at 1023.
    """
    rings = np.add.reduceat(towers[:, : _EDGES[-1]], _EDGES[:-1], axis=1)
    turned = np.roll(rings, -FIRST_SECTOR, axis=2).reshape(len(towers), len(_EDGES) - 1, N_PHI, N_SECTORS // N_PHI)
    sums = turned.sum(axis=3, dtype=np.int32).transpose(0, 2, 1)
    return {"hw_et": np.minimum(sums, _MOST).reshape(len(towers), _ITEM.n_slots)}
