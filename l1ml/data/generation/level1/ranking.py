"""The few hardest candidates of each crossing, in fixed slots."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["hardest"]


def hardest(
    crossing: NDArray[np.int64], words: Mapping[str, NDArray[np.int64]], n_crossings: int, n_slots: int
) -> dict[str, NDArray[np.int32]]:
    """Candidates sorted by falling pt in `n_slots` columns; empty slots are 0 in every field.

    Parameters
    ----------
    crossing : ndarray of int64, shape (n,)
        Crossing of each candidate.
    words : mapping of ndarray of int64, shape (n,)
        ``hw_pt``, ``hw_eta``, ``hw_phi``; candidates with ``hw_pt`` 0 are no objects and are left out.
    n_crossings, n_slots : int
        Shape of the result.

    Notes
    -----
    Equal pt: the more central first, then the smaller phi word, then the negative side. The order is a function of the words
    alone, and favours neither side: of the many objects just above threshold, those that fit into the slots are as often at
    negative as at positive eta.
    """
    order = np.lexsort((words["hw_eta"], words["hw_phi"], np.abs(words["hw_eta"]), -words["hw_pt"], crossing))
    order = order[words["hw_pt"][order] > 0]
    owner = crossing[order]
    rank = np.arange(len(order)) - np.searchsorted(owner, owner)
    kept = rank < n_slots
    slots = {}
    for name, column in words.items():
        slots[name] = np.zeros((n_crossings, n_slots), np.int32)
        slots[name][owner[kept], rank[kept]] = column[order][kept]
    return slots
