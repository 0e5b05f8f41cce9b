"""Conditions between objects: differences, masses, charges, overlap removal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError
from l1ml.trigger.conditions.columns import COLLECTIONS, Columns
from l1ml.trigger.conditions.combinations import choices
from l1ml.trigger.conditions.pairs import QUANTITIES, Pair, Particle, Quantity
from l1ml.trigger.menus.requirements import ConditionRequirement, CorrelationCut, CorrelationKind, ObjectRequirement

__all__ = ["charges_pass", "correlated", "without_overlap"]

Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]

_TRANSVERSE = {"mass_trv", "mass_trv_orm"}
_ONE_REFERENCE_SINCE = "2022"
_REMOVAL: Mapping[CorrelationKind, CorrelationKind] = {"orm_deta": "deta", "orm_dphi": "dphi", "orm_dr": "dr"}


def correlated(condition: ConditionRequirement, masks: Sequence[Mask], columns: Columns) -> Mask:
    """Crossings with a choice of objects that passes all cuts of `condition`.

    Parameters
    ----------
    condition : ConditionRequirement
        A correlation of two objects, a mass, or a three-body mass.
    masks : sequence of bool arrays, shape (slots, n)
        Objects that pass each requirement.
    columns : Columns
        The crossings.

    Returns
    -------
    bool array, shape (n,)

    Raises
    ------
    ConfigError
        If a cut has no meaning for these objects.
    """
    rows, particles = _chosen(condition.objects, masks, columns)
    return _crossings(rows[_cuts_pass(condition, particles)], columns.n)


def without_overlap(condition: ConditionRequirement, masks: Sequence[Mask], columns: Columns) -> Mask:
    """Crossings with a choice of objects that are not near the reference and pass all other cuts of `condition`.

    The last object is the reference and must be there. Since 2022 it is part of the choice: all objects before it must be
    outside of the ``orm_`` ranges to that *one* reference. Before, they had to be outside of the ranges to *every* object that
    passes as reference.

    Notes
    -----
    Today's rule is that of ``matrix_calo_cond_orm.vhd`` and ``matrix_corr_cond.vhd``; the change is dated in their histories,
    "2021-10-27: [...] changed uncorrect logic in matrix_and_or_p of obj_2plus1", and of ``comb_conditions.vhd``, "2022-02-17: bug
    fixed in orm". The public vectors of 2018 follow the old rule and those of 2022 to 2025 the new one, in every crossing.
    """
    legs, others = condition.objects[:-1], tuple(cut for cut in condition.cuts if cut.kind not in _REMOVAL)
    rows, slots = choices(masks[:-1], _distinct(legs))
    particles = [Particle(item, columns, slot, rows) for item, slot in zip(legs, slots, strict=True)]
    keep = _cuts_pass(replace(condition, cuts=others), particles)
    rows, particles = rows[keep], [item.where(keep) for item in particles]
    near = _near_reference(condition, particles, columns, rows)
    present = masks[-1][:, rows]
    free = present & ~near
    if columns.era and columns.era < _ONE_REFERENCE_SINCE:
        free &= ~(present & near).any(axis=0)
    return _crossings(rows[free.any(axis=0)], columns.n)


def _near_reference(condition: ConditionRequirement, particles: Sequence[Particle], columns: Columns, rows: Rows) -> Mask:
    """Whether any particle of each choice is in an ``orm_`` range of the object in each slot, shape (slots, m)."""
    reference = condition.objects[-1]
    removal = [replace(cut, kind=_REMOVAL[cut.kind]) for cut in condition.cuts if cut.kind in _REMOVAL]
    n_slots = columns.field(COLLECTIONS[reference.object], "pt").shape[0]
    near = np.zeros((n_slots, len(rows)), dtype=np.bool_)
    for slot in range(n_slots):
        candidate = Particle(reference, columns, np.full(len(rows), slot), rows)
        for pair in [Pair.of(particle, candidate) for particle in particles]:
            for cut in removal:
                near[slot] |= _in_range(cut, pair, QUANTITIES[cut.kind])
    return near


def charges_pass(particles: Sequence[Particle], text: str) -> Mask:
    """Whether the charges are valid and all alike ("ls"), or not all alike ("os").

    Source: ``muon_charge_correlations.vhd``.
    """
    valid = np.logical_and.reduce([item.word("charge_valid") == 1 for item in particles])
    alike = np.logical_and.reduce([item.word("charge") == particles[0].word("charge") for item in particles])
    return np.asarray(valid & (alike if text == "ls" else ~alike))


def _distinct(objects: Sequence[ObjectRequirement]) -> list[tuple[int, int]]:
    """Pairs of requirements on the same collection in the same crossing: they take different objects."""
    same = [(item.object, item.bx_offset) for item in objects]
    return [(i, j) for i, j in combinations(range(len(same)), 2) if same[i] == same[j]]


def _chosen(objects: Sequence[ObjectRequirement], masks: Sequence[Mask], columns: Columns) -> tuple[Rows, list[Particle]]:
    rows, slots = choices(masks, _distinct(objects))
    return rows, [Particle(item, columns, slot, rows) for item, slot in zip(objects, slots, strict=True)]


def _crossings(rows: Rows, n: int) -> Mask:
    result = np.zeros(n, dtype=np.bool_)
    result[rows] = True
    return result


def _cuts_pass(condition: ConditionRequirement, particles: Sequence[Particle]) -> Mask:
    """Which choices pass the cuts of `condition`."""
    keep = np.ones(len(particles[0]), dtype=np.bool_)
    pairs = [Pair.of(first, second) for first, second in combinations(particles, 2)]
    for cut in condition.cuts:
        if cut.kind == "charge":
            keep &= charges_pass(particles, cut.text)
        elif cut.kind == "mass" and condition.kind == "mass_three":
            keep &= _within(cut, sum((pair.mass() for pair in pairs[1:]), pairs[0].mass()), _precision(cut, pairs[0], condition))
        elif len(pairs) == 1:
            keep &= _in_range(cut, pairs[0], _quantity(cut, condition))
        else:
            msg = f"{condition.name}: the cut {cut.name} is on a pair, and there are {len(particles)} objects to choose"
            raise ConfigError(msg)
    return keep


def _quantity(cut: CorrelationCut, condition: ConditionRequirement) -> Quantity:
    """How `cut` is formed in `condition`."""
    if cut.kind == "mass" and condition.function in _TRANSVERSE:
        return Quantity(Pair.transverse_mass, QUANTITIES["mass"].precision)
    if cut.kind == "mass" and condition.kind == "mass_upt":
        return QUANTITIES["mass_upt"]
    if cut.kind not in QUANTITIES:
        msg = f"{condition.name}: no cut of kind {cut.kind!r} on a pair; known: charge, {', '.join(QUANTITIES)}"
        raise ConfigError(msg)
    return QUANTITIES[cut.kind]


def _precision(cut: CorrelationCut, pair: Pair, condition: ConditionRequirement) -> int:
    return _quantity(cut, condition).precision(pair.geometry)


def _in_range(cut: CorrelationCut, pair: Pair, quantity: Quantity) -> Mask:
    return _within(cut, quantity.values(pair), quantity.precision(pair.geometry))


def _within(cut: CorrelationCut, values: NDArray[np.int64], precision: int) -> Mask:
    """``minimum <= values <= maximum`` with the limits brought to the precision of the values."""
    scale = 10 ** (precision - cut.precision)
    return np.asarray((values >= cut.minimum * scale) & (values <= cut.maximum * scale))
