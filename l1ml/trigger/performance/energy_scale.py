"""Crossings as they would be were the energy scale wrong, in integer words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.schema import Field, ObjectSchema
from l1ml.errors import ConfigError, SchemaError, nearest

__all__ = ["scaled_events"]

_PARTS = 10_000
"""A scale is a whole number of hundredths of a per cent, so that words are scaled in integers."""


def scaled_events(events: Events, percent: float, collections: Collection[str] | None = None) -> Events:
    """`events` with the pt words of all objects scaled, and the et words of regions.

    Parameters
    ----------
    events : Events
        Crossings of words.
    percent : float
        Shift of the scale, above -100; its hundredths count.
    collections : collection of str, optional
        The objects whose scale is wrong; all that have an energy by default, missing energy and muons among them.

    Raises
    ------
    ConfigError
        If the scale would not be positive.
    SchemaError
        If there is no such collection, or it has no energy.

    Notes
    -----
    The trigger truncates: a word w stands for w to w + 1 counts.  The middle is scaled and truncated again, which changes no word
    at a shift of zero and is right on average at any other.  A saturated word stands for everything above and stays what it is;
    what becomes larger than the largest word saturates.  An object whose energy becomes word 0 is gone, its angles with it.  What
    the shift would change before the words exist, which objects are found and which towers enter a sum, stays as it was.
    """
    factor = _PARTS + round(percent * _PARTS / 100.0)
    if not factor > 0:
        msg = f"an energy scale must stay positive: percent must be above -100, received {percent!r}"
        raise ConfigError(msg)
    with_energy = {item.name: item for item in events.schema.objects if item.energy}
    for name in collections or ():
        if name not in with_energy:
            msg = f"schema {events.schema.name!r} has no object {name!r} with a pt or an et; {nearest(name, with_energy)}"
            raise SchemaError(msg)
    chosen = [item for name, item in with_energy.items() if collections is None or name in collections]
    changed = {item.name: _scaled(events, item, item.energy, factor) for item in chosen if item.energy}
    return replace(events, collections={**events.collections, **changed})


def _scaled(events: Events, item: ObjectSchema, energy: Field, factor: int) -> dict[str, NDArray[np.int32]]:
    """Columns of one collection at `factor` ten-thousandths of the scale of its `energy`."""
    columns, scale = events.collections[item.name], energy.scale
    words = columns[energy.column].astype(np.int64)
    counts = words - scale.offset
    moved = np.minimum(((2 * counts + 1) * factor) // (2 * _PARTS) + scale.offset, scale.max_word)
    there = events.valid(item.name) & (words > 0)
    after = np.where(there & (words < scale.max_word), moved, words).astype(np.int32)
    others = {name: np.where(after > 0, column, 0).astype(column.dtype) for name, column in columns.items()}
    return {**others, energy.column: after}
