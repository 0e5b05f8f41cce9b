"""Conditions between objects: differences, masses, charges, overlap removal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import combinations
from operator import itemgetter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.conditions.combinations import choices
from l1ml.trigger.conditions.overlap_removal import without_overlap
from l1ml.trigger.conditions.pair_grid import Block, Place, between, limits, place_of
from l1ml.trigger.conditions.pairs import CHARGE_CODES, Pair, Particle, charge_code
from l1ml.trigger.conditions.quantities import quantity_of
from l1ml.trigger.menus.requirements import ConditionRequirement

__all__ = ["Outcome", "correlated", "family"]

Mask = NDArray[np.bool_]
Masks = Sequence[Mask]

Outcome: TypeAlias = Mask | ConfigError | DataError
"""Crossings where a condition is true, or why it has no decision."""

_BLOCK = 2048
"""Crossings at once: all pairs of twelve objects then fit into the second-level cache."""


def family(condition: ConditionRequirement) -> tuple[Place, ...]:
    """What conditions have in common that are best evaluated together: the places of their objects."""
    places = [place_of(item) for item in condition.objects]
    return tuple(places) if condition.kind == "overlap_removal" else tuple(sorted(places))


def correlated(
    conditions: Sequence[ConditionRequirement], masks: Sequence[Masks], possible: Sequence[Mask], columns: Columns
) -> list[Outcome]:
    """Crossings with a choice of objects that passes all cuts, for conditions of one `family`.

    Parameters
    ----------
    conditions : sequence of ConditionRequirement
        Correlations of two objects, masses, three-body masses or overlap removals.
    masks : sequence of sequences of bool arrays, shape (slots, n)
        Objects that pass each requirement of each condition; equal requirements share one array.
    possible : sequence of bool arrays, shape (n,)
        Crossings outside of which each condition is known to be false.
    columns : Columns
        The crossings.

    Returns
    -------
    list of bool arrays, shape (n,)
        Or of the error that one of the conditions meets: a cut without meaning for these objects, a field that is not there.
    """
    outcomes: list[Outcome] = [np.zeros(columns.n, dtype=np.bool_) for _ in conditions]
    shared = {id(mask): mask for several in masks for mask in several}
    for rows in _blocks(reduce(np.logical_or, possible)):
        parts = {key: mask[:, rows] for key, mask in shared.items()}
        here = [[parts[id(mask)] for mask in several] for several in masks]
        block = Block(columns, rows, _candidates(conditions, here))
        for index, condition in enumerate(conditions):
            outcome = outcomes[index]
            if isinstance(outcome, np.ndarray):
                try:
                    outcome[rows] = _decided(condition, here[index], block)
                except (ConfigError, DataError) as error:
                    outcomes[index] = error
    return outcomes


def _blocks(possible: Mask) -> Iterator[slice | NDArray[np.intp]]:
    """The crossings in question, or all if they are most; one empty block if there are none, so that every cut is looked at."""
    rows = np.flatnonzero(possible)
    if len(rows) * 4 > len(possible) * 3:
        yield from (slice(start, start + _BLOCK) for start in range(0, len(possible), _BLOCK))
    else:
        yield from (rows[start : start + _BLOCK] for start in range(0, max(len(rows), 1), _BLOCK))


def _candidates(conditions: Sequence[ConditionRequirement], masks: Sequence[Masks]) -> dict[Place, Mask]:
    """Objects of each place that any requirement asks for."""
    asked: dict[Place, dict[int, Mask]] = {}
    for condition, several in zip(conditions, masks, strict=True):
        for item, mask in zip(condition.objects, several, strict=True):
            asked.setdefault(place_of(item), {})[id(mask)] = mask
    return {place: reduce(np.logical_or, different.values()) for place, different in asked.items()}


def _decided(condition: ConditionRequirement, masks: Masks, block: Block) -> Mask:
    """Crossings of the block where `condition` is true."""
    if condition.kind == "overlap_removal":
        return without_overlap(condition, masks, block)
    if len(condition.objects) != 2:
        return _many(condition, masks, block)
    (place, first), (other, second) = sorted(zip(map(place_of, condition.objects), masks, strict=True), key=itemgetter(0))
    grid = block.grid(place, other, once=place == other)
    cuts = [(cut, quantity_of(cut, condition)) for cut in condition.cuts]
    return grid.crossings(grid.selected(first, second), cuts)


def _many(condition: ConditionRequirement, masks: Masks, block: Block) -> Mask:
    """Three or four objects: their charges, or the mass of three."""
    places = [place_of(item) for item in condition.objects]
    distinct = [(i, j) for i, j in combinations(range(len(places)), 2) if places[i] == places[j]]
    rows, slots = choices(masks, distinct)
    particles = [_taken(block, place, slot, rows) for place, slot in zip(places, slots, strict=True)]
    keep = np.ones(len(rows), dtype=np.bool_)
    for cut in condition.cuts:
        if cut.kind == "charge":
            keep &= charge_code(particles) == CHARGE_CODES[cut.text]
        elif cut.kind == "mass" and condition.kind == "mass_three":
            pairs = [Pair.of(first, second) for first, second in combinations(particles, 2)]
            masses = np.add.reduce([pair.mass() for pair in pairs])
            allowed = limits(cut, quantity_of(cut, condition).precision(pairs[0].geometry))
            keep &= between(masses, *allowed, int(masses.max(initial=0)))
        else:
            msg = f"{condition.name}: the cut {cut.name} is on a pair, and there are {len(places)} objects to choose"
            raise ConfigError(msg)
    result = np.zeros(masks[0].shape[1], dtype=np.bool_)
    result[rows[keep]] = True
    return result


def _taken(block: Block, place: Place, slots: NDArray[np.intp], rows: NDArray[np.intp]) -> Particle:
    """The object of each choice."""
    return Particle(place[0], lambda name: block.words(place, name)[slots, rows])
