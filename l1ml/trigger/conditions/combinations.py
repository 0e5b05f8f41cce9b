"""Choices of different objects, one for each requirement."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

__all__ = ["any_assignment", "choices"]

Mask = NDArray[np.bool_]


def any_assignment(masks: Sequence[Mask]) -> Mask:
    """Whether each requirement can have an object of its own.

    Parameters
    ----------
    masks : sequence of bool arrays, shape (slots, n)
        Objects that pass each requirement.

    Returns
    -------
    bool array, shape (n,)

    Notes
    -----
    Hall's theorem: such a choice exists if and only if any k of the requirements have at least k passing objects between them. No
    permutation is tried.

    Examples
    --------
    >>> tight, loose = np.array([[True], [False]]), np.array([[True], [True]])
    >>> any_assignment([tight, loose]), any_assignment([tight, tight])
    (array([ True]), array([False]))
    """
    distinct: list[Mask] = []
    multiplicity: list[int] = []
    for mask in masks:
        place = next((index for index, known in enumerate(distinct) if known is mask), None)
        if place is None:
            distinct.append(mask)
            multiplicity.append(1)
        else:
            multiplicity[place] += 1
    result = np.ones(masks[0].shape[1], dtype=np.bool_)
    for size in range(1, len(distinct) + 1):
        for chosen in combinations(range(len(distinct)), size):
            result &= _at_least([distinct[index] for index in chosen], sum(multiplicity[index] for index in chosen))
    return result


def _at_least(masks: Sequence[Mask], needed: int) -> Mask:
    """Crossings where `needed` objects pass one or more of the `masks`."""
    union = masks[0] if len(masks) == 1 else np.logical_or.reduce(masks)
    if needed == 1:
        return np.asarray(union.any(axis=0))
    return np.asarray(np.add.reduce(union, axis=0, dtype=np.uint8) >= needed)


def choices(masks: Sequence[Mask], distinct: Sequence[tuple[int, int]]) -> tuple[NDArray[np.intp], list[NDArray[np.intp]]]:
    """All choices of one passing object for each requirement.

    Parameters
    ----------
    masks : sequence of bool arrays, shape (slots, n)
        Objects that pass each requirement; the number of slots may differ.
    distinct : sequence of pairs (first, second), first < second
        Requirements that must not take the same slot. If both are the same array, only the choice in rising order is listed:
        what is then asked of the objects must not depend on their order.

    Returns
    -------
    rows : int array, shape (m,)
        Crossing of each choice.
    slots : list of int arrays, shape (m,)
        Slot taken for each requirement.
    """
    rows = np.flatnonzero(_possible(masks, distinct))
    slots: list[NDArray[np.intp]] = []
    for index, mask in enumerate(masks):
        which, taken = np.nonzero(np.ascontiguousarray(mask[:, rows].T))
        keep = np.ones(len(which), dtype=np.bool_)
        for first in (first for first, second in distinct if second == index):
            before = slots[first][which]
            keep &= taken > before if masks[first] is mask else taken != before
        which, taken = which[keep], taken[keep]
        rows, slots = rows[which], [*(slot[which] for slot in slots), taken]
    return rows, slots


def _possible(masks: Sequence[Mask], distinct: Sequence[tuple[int, int]]) -> Mask:
    """Crossings with objects enough; some may still have no choice."""
    result = np.logical_and.reduce([mask.any(axis=0) for mask in masks])
    for first, second in distinct:
        result &= any_assignment([masks[first], masks[second]])
    return np.asarray(result)
