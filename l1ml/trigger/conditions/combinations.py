"""Choices of different objects, one for each requirement."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import reduce
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Counts", "any_assignment", "choices", "counted", "each_has_one"]

Mask = NDArray[np.bool_]
Counts = NDArray[np.uint8]


def counted(mask: Mask) -> Counts:
    """How many objects pass, shape (n,)."""
    return np.asarray(np.add.reduce(mask.view(np.uint8), axis=0, dtype=np.uint8))


def any_assignment(masks: Sequence[Mask], count: Callable[[Mask], Counts] = counted) -> Mask:
    """Whether each requirement can have an object of its own.

    Parameters
    ----------
    masks : sequence of bool arrays, shape (slots, n)
        Objects that pass each requirement.
    count : callable, optional
        `counted`, or one that remembers: most requirements of a menu stand in several conditions.

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
    enough = [count(mask) >= needed for mask, needed in zip(distinct, multiplicity, strict=True)]
    for size in range(2, len(distinct) + 1):
        for chosen in combinations(range(len(distinct)), size):
            union = reduce(np.logical_or, (distinct[index] for index in chosen))
            enough.append(counted(union) >= sum(multiplicity[index] for index in chosen))
    return reduce(np.logical_and, enough)


def each_has_one(places: Sequence[Hashable], masks: Sequence[Mask], count: Callable[[Mask], Counts] = counted) -> Mask:
    """Whether each requirement can have an object of its own; objects of different `places` do not compete.

    Parameters
    ----------
    places : sequence
        Where the objects of each requirement are: those of equal places come from the same slots.
    masks : sequence of bool arrays, shape (slots, n)
        Objects that pass each requirement; the number of slots may differ between places.
    count : callable, optional
        As for `any_assignment`.

    Returns
    -------
    bool array, shape (n,)
    """
    groups: dict[Hashable, list[Mask]] = {}
    for place, mask in zip(places, masks, strict=True):
        groups.setdefault(place, []).append(mask)
    return reduce(np.logical_and, [any_assignment(group, count) for group in groups.values()])


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
