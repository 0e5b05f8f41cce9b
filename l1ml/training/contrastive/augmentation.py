"""Other views of the same physics: what may be done to the words of a crossing without making it another one.

A crossing does not know where phi begins nor which way the beam runs; and the same collision, measured again, has other pt words
within the resolution, and other soft objects. Rotation and reflection are exact on words; all give words that a link can carry,
objects in the order of falling pt, and empty slots that are all zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import gcd, pi

import numpy as np
from numpy.typing import NDArray

from l1ml.data import Events
from l1ml.data.schema import Field, ObjectSchema
from l1ml.errors import DataError
from l1ml.hardware import HardwareScale

__all__ = ["phi_period", "reflected", "rotated", "smeared", "turns_of", "without_soft_objects"]

Columns = Mapping[str, NDArray[np.int32]]


def phi_period(scale: HardwareScale) -> int:
    """Words of a full turn.

    Raises
    ------
    DataError
        If a full turn is no whole number of them: no rotation would be exact.
    """
    period = round(2 * pi / scale.lsb)
    if abs(period * scale.lsb - 2 * pi) > 1e-6:
        msg = f"a turn of 2 pi is {2 * pi / scale.lsb:.4f} words of {scale.lsb} rad: rotation needs a whole number"
        raise DataError(msg)
    return period


def turns_of(events: Events) -> int:
    """In how many equal steps a full turn is exact for all objects at once; 1 where none has a phi.

    Examples
    --------
    >>> from l1ml.data import LEVEL1_SCHEMA
    >>> turns_of(Events.empty(LEVEL1_SCHEMA))
    144
    """
    periods = [phi_period(field.scale) for item in events.schema.objects for field in item.fields if field.name == "phi"]
    return gcd(*periods) or 1


def rotated(events: Events, steps: NDArray[np.int64]) -> Events:
    """All objects of a crossing turned by one angle: `steps` (n,) of 1 / `turns_of` of a turn, of either sign."""
    turns = turns_of(events)

    def turn(field: Field, words: NDArray[np.int32], there: NDArray[np.bool_]) -> NDArray[np.int32]:
        period = phi_period(field.scale)
        return np.where(there, (words + steps[:, None] * (period // turns)) % period, words).astype(np.int32)

    return _changed(events, "phi", turn)


def reflected(events: Events, flips: NDArray[np.bool_]) -> Events:
    """Crossings where `flips` (n,) is true with the beams exchanged: each signed eta changes its sign.

    The lowest word of two's complement has no opposite and becomes the highest one; no object of the trigger reaches it.
    """

    def flip(field: Field, words: NDArray[np.int32], there: NDArray[np.bool_]) -> NDArray[np.int32]:
        opposite = np.minimum(-words, field.scale.max_word)
        return np.where(there & flips[:, None] & field.scale.signed, opposite, words).astype(np.int32)

    return _changed(events, "eta", flip)


def smeared(events: Events, resolution: float, rng: np.random.Generator) -> Events:
    """Each pt measured again with the relative Gaussian width `resolution`, rounded to words.

    An object stays one: the lowest word that means a pt is the least it gets. The highest word, an overflow, stays too.
    """

    def measure(field: Field, words: NDArray[np.int32], there: NDArray[np.bool_]) -> NDArray[np.int32]:
        scale = field.scale
        again = np.rint((words - scale.offset) * (1 + resolution * rng.standard_normal(words.shape))) + scale.offset
        again = np.clip(again, max(scale.offset, 1), scale.max_word)
        return np.where(there & (words != scale.max_word), again, words).astype(np.int32)

    return _in_order(_changed(events, "pt", measure))


def without_soft_objects(events: Events, pt: float, probability: float, rng: np.random.Generator) -> Events:
    """Each object below `pt` GeV lost with `probability`, those behind it moved up; sums, which have one slot, are kept."""
    collections = {}
    for item in events.schema.objects:
        columns = dict(events.collections[item.name])
        if item.n_slots > 1 and _has(item, "pt"):
            threshold = item.field("pt").scale.to_hw(pt, "ceil")
            lost = (columns["hw_pt"] < threshold) & (rng.random(columns["hw_pt"].shape) < probability)
            columns = {name: np.where(lost, 0, words).astype(words.dtype) for name, words in columns.items()}
        collections[item.name] = columns
    return _in_order(replace(events, collections=collections))


def _changed(
    events: Events, name: str, change: Callable[[Field, NDArray[np.int32], NDArray[np.bool_]], NDArray[np.int32]]
) -> Events:
    """`events` with the field `name` of every object that has it replaced by `change` of it, its words and who is there."""
    collections = {key: dict(columns) for key, columns in events.collections.items()}
    for item in events.schema.objects:
        if _has(item, name):
            field, columns = item.field(name), collections[item.name]
            columns[field.column] = change(field, columns[field.column], events.valid(item.name))
    return replace(events, collections=collections)


def _in_order(events: Events) -> Events:
    """Objects by falling pt; equal ones stay in their order."""
    collections = {}
    for item in events.schema.objects:
        columns: Columns = events.collections[item.name]
        if item.n_slots > 1 and _has(item, "pt"):
            order = np.argsort(-columns["hw_pt"], axis=1, kind="stable")
            columns = {name: np.take_along_axis(words, order, axis=1) for name, words in columns.items()}
        collections[item.name] = columns
    return replace(events, collections=collections)


def _has(item: ObjectSchema, name: str) -> bool:
    return any(field.name == name for field in item.fields)
