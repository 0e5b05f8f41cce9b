"""Conditions whose objects must be away from a reference object: an electron that is not also one of the jets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError
from l1ml.trigger.conditions.combinations import each_has_one
from l1ml.trigger.conditions.pair_grid import Block, Place, place_of
from l1ml.trigger.conditions.quantities import Quantity, quantity_of
from l1ml.trigger.menus.requirements import ConditionRequirement, CorrelationCut

__all__ = ["without_overlap", "without_reference"]

Mask = NDArray[np.bool_]
Bits = NDArray[np.uint16]
Cuts = tuple[tuple[CorrelationCut, Quantity], ...]

_REMOVAL = "orm_"
_ONE_REFERENCE_SINCE = "2022"
_ALWAYS_ONE_REFERENCE = "comb_orm"


def without_reference(condition: ConditionRequirement) -> ConditionRequirement | None:
    """What two objects must pass before their reference is looked at; None if no cut is between them.

    It is a condition on a pair like many others, and few crossings are left after it.
    """
    cuts = tuple(cut for cut in condition.cuts if not cut.kind.startswith(_REMOVAL))
    if condition.kind != "overlap_removal" or len(condition.objects) != 3 or not cuts:
        return None
    name = f"{condition.name} without its reference"
    return replace(condition, name=name, kind="correlation", objects=condition.objects[:-1], cuts=cuts)


def without_overlap(condition: ConditionRequirement, masks: Sequence[Mask], block: Block) -> Mask:
    """Crossings with a choice of objects that are not near the reference and pass all other cuts of `condition`.

    The last object is the reference and must be there. It is part of the choice: all objects before it must be outside of the
    ``orm_`` ranges to that *one* reference. With a single object before it, the other cuts are between that object and the same
    reference. Before 2022, two objects with cuts between them had to be outside of the ranges to *every* object that passes as
    reference.

    Parameters
    ----------
    condition : ConditionRequirement
        An overlap removal; two to five objects, of which the last is the reference.
    masks : sequence of bool arrays, shape (slots, crossings of the block)
        Objects that pass each requirement.
    block : Block
        The crossings.

    Returns
    -------
    bool array, shape (crossings of the block,)

    Raises
    ------
    ConfigError
        If there is a cut on a pair, and more than two objects before the reference.

    Notes
    -----
    Today's rule is that of ``matrix_calo_cond_orm.vhd`` (``comb_orm``) and ``matrix_corr_cond.vhd`` (all others), and that of one
    object with its reference never was another: ``calo_conditions_orm_v4_single_double.vhd`` and
    ``calo_calo_calo_correlation_orm_condition_v3.vhd`` of 2018. The change of two objects with a reference is dated 2021-10-27
    in the history of ``matrix_corr_cond.vhd``. The public vectors of 2018 follow the old rule and those of 2022 to 2025 the new
    one, in every crossing.
    """
    *legs, reference = (place_of(item) for item in condition.objects)
    removal = tuple((cut, quantity_of(cut, condition)) for cut in condition.cuts if cut.kind.startswith(_REMOVAL))
    others = tuple((cut, quantity_of(cut, condition)) for cut in condition.cuts if not cut.kind.startswith(_REMOVAL))
    wanted = _packed(masks[-1])
    near = [_holds(block, leg, reference, removal, np.logical_or) for leg in legs]
    free = [mask * (wanted & ~bits) for mask, bits in zip(masks, near, strict=False)]
    if len(legs) == 1:
        return np.asarray((free[0] & _holds(block, legs[0], reference, others, np.logical_and)).any(axis=0))
    era = block.columns.era
    if era and era < _ONE_REFERENCE_SINCE and condition.function != _ALWAYS_ONE_REFERENCE:
        free = [bits * (wanted & close == 0) for bits, close in zip(free, near, strict=True)]
    if len(legs) == 2:
        return _of_two(legs, free, others, block, alike=masks[0] is masks[1])
    if others:
        msg = f"{condition.name}: the cut {others[0][0].name} is on a pair, and there are {len(legs)} objects to choose"
        raise ConfigError(msg)
    return _of_many(legs, free)


def _packed(mask: Mask) -> Bits:
    """Slots as bits, slot 0 the lowest: shape (..., slots, n) to (..., n)."""
    weights = (1 << np.arange(mask.shape[-2])).astype(np.uint16)[:, np.newaxis]
    return np.asarray(np.add.reduce(mask * weights, axis=-2, dtype=np.uint16))


def _holds(block: Block, place: Place, reference: Place, cuts: Cuts, joined: np.ufunc) -> Bits:
    """Slots of the reference for which the `cuts` to each object hold, `joined` by "and" or "or", as bits: shape (slots, n)."""

    def make() -> Bits:
        grid = block.grid(place, reference, once=False)
        shape = (len(block.candidates[place]), len(block.candidates[reference]), grid.shape[1])
        holds = np.full(shape, fill_value=joined.identity, dtype=np.bool_)
        for cut, quantity in cuts:
            holds[grid.first, grid.second] = joined(holds[grid.first, grid.second], grid.inside(cut, quantity))
        return _packed(holds)

    return block.kept((place, reference, cuts, joined), make)


def _of_two(legs: Sequence[Place], free: Sequence[Bits], cuts: Cuts, block: Block, *, alike: bool) -> Mask:
    """Two objects that are free of one reference and pass the cuts between them."""
    grid = block.grid(*legs, once=legs[0] == legs[1])
    selected = (free[0][grid.first] & free[1][grid.second]) != 0
    if grid.once and not alike:
        selected |= (free[1][grid.first] & free[0][grid.second]) != 0
    return grid.crossings(selected, cuts)


def _of_many(legs: Sequence[Place], free: Sequence[Bits]) -> Mask:
    """An object for each leg, all free of one reference."""
    result = np.zeros(free[0].shape[1], dtype=np.bool_)
    for slot in range(16):
        result |= each_has_one(legs, [(bits >> np.uint16(slot)) & np.uint16(1) == 1 for bits in free])
    return result
