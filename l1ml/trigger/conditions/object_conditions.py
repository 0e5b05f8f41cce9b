"""Which objects of a collection pass the cuts of one requirement."""

from __future__ import annotations

from functools import reduce
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError
from l1ml.trigger.conditions.columns import COLLECTIONS, Columns
from l1ml.trigger.conditions.score_conditions import Scores, tagged
from l1ml.trigger.menus.requirements import Cut, CutKind, ObjectRequirement, Window

__all__ = ["inside", "passing"]

Mask = NDArray[np.bool_]

_WINDOW_FIELDS: dict[CutKind, str] = {
    "eta": "eta",
    "phi": "phi",
    "unconstrained_pt": "unconstrained_pt",
    "index": "index",
}
_TABLE_FIELDS: dict[CutKind, str] = {
    "quality": "quality",
    "isolation": "isolation",
    "displaced": "displaced",
    "impact": "impact",
}
_OF_SCORES: frozenset[CutKind] = frozenset({"score", "winner", "model"})
_OTHER: frozenset[CutKind] = frozenset({"slice", "charge"})
_CHARGES = {"positive": 0, "negative": 1}
_NO_SCORES: Scores = MappingProxyType({})


def inside(words: NDArray[np.integer[Any]], windows: tuple[Window, ...]) -> Mask:
    """Whether words lie in any of the windows.

    Examples
    --------
    >>> inside(np.array([0, 5, 9]), (Window(8, 2),))
    array([ True, False,  True])
    """
    masks = [_in_window(words, window) for window in windows]
    return reduce(np.logical_or, masks) if masks else np.zeros(words.shape, dtype=np.bool_)


def _in_window(words: NDArray[np.integer[Any]], window: Window) -> Mask:
    above = np.asarray(words >= window.minimum)
    if window.maximum is None:
        return above
    below = words <= window.maximum
    return np.asarray(np.logical_or(above, below, out=above) if window.wraps else np.logical_and(above, below, out=above))


def passing(requirement: ObjectRequirement, columns: Columns, scores: Scores = _NO_SCORES) -> Mask:
    """Objects that pass `requirement`, at the crossing that it asks for.

    Parameters
    ----------
    requirement : ObjectRequirement
        On an object that is a collection or a sum: one of `COLLECTIONS`.
    columns : Columns
        The crossings.
    scores : mapping of str to ndarray, optional
        Score words of the objects, from the networks that are bound.

    Returns
    -------
    bool array, shape (slots, n)

    Raises
    ------
    ConfigError
        If a cut has no meaning for such an object, or the threshold on a score is still to be derived.
    DataError
        If the crossings do not carry a field that is cut on, or no network gives the score that is.

    Notes
    -----
    Cuts of one kind are alternatives, different kinds must all pass. A table is indexed with the object's word: bit ``w``
    is set where ``w`` passes. The thresholds of muons are at least 1, so that word 0 (no muon) never passes.
    """
    collection = COLLECTIONS[requirement.object]
    pt = columns.field(collection, "pt")
    mask = np.asarray(pt >= requirement.threshold_hw if requirement.comparison == ">=" else pt == requirement.threshold_hw)
    # asked for before any object is, so that a lack does not depend on the crossings
    tags = tagged(requirement, scores, columns, collection)
    if tags is not None:
        mask &= tags
    for kind in dict.fromkeys(cut.kind for cut in requirement.cuts if tags is None or cut.kind not in _OF_SCORES):
        if not mask.any():
            break
        mask &= _of_kind(requirement, kind, columns, collection)
    return columns.seen(mask, requirement.bx_offset)


def _of_kind(requirement: ObjectRequirement, kind: CutKind, columns: Columns, collection: str) -> Mask:
    """Objects that pass the cuts of one kind; broadcasts against (slots, n)."""
    if kind in _WINDOW_FIELDS:
        name, windows = _WINDOW_FIELDS[kind], requirement.windows(kind)
        return columns.once((collection, name, windows), lambda: inside(columns.field(collection, name), windows))
    if kind in _TABLE_FIELDS:
        name, table = _TABLE_FIELDS[kind], requirement.table(kind) or 0
        return columns.once((collection, name, table), lambda: _in_table(columns.field(collection, name), table))
    if kind == "slice":
        slots = np.arange(columns.field(collection, "pt").shape[0])
        return inside(slots, requirement.windows(kind))[:, np.newaxis]
    if kind == "charge":
        return _of_charge(requirement.of_kind(kind), columns, collection)
    msg = f"{requirement.name}: a cut of kind {kind!r} has no meaning for {requirement.object}; known: {', '.join(_known())}"
    raise ConfigError(msg)


def _known() -> list[str]:
    return sorted({*_WINDOW_FIELDS, *_TABLE_FIELDS, *_OTHER, *_OF_SCORES})


def _in_table(words: NDArray[np.integer[Any]], table: int) -> Mask:
    """Bit `words` of `table`."""
    return np.asarray((np.int32(table) >> words) & 1 == 1)


def _of_charge(cuts: tuple[Cut, ...], columns: Columns, collection: str) -> Mask:
    """Muons of a valid charge of the requested sign."""
    sign = columns.field(collection, "charge")
    valid = columns.field(collection, "charge_valid") == 1
    wanted = np.zeros(sign.shape, dtype=np.bool_)
    for cut in cuts:
        if cut.text not in _CHARGES:
            msg = f"{cut.name}: a charge is 'positive' or 'negative', received {cut.text!r}"
            raise ConfigError(msg)
        wanted |= sign == _CHARGES[cut.text]
    return np.asarray(wanted & valid)
