"""What a menu keeps without a network: the seeds that a score has to add to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.decisions import decide
from l1ml.trigger.menus.menu import Menu

__all__ = ["ClassicalBits", "classical_bits"]


@dataclass(frozen=True, eq=False, slots=True)
class ClassicalBits:
    """Where the classical seeds of a menu fire.

    Parameters
    ----------
    fired : ndarray of bool, shape (n,)
        Crossings in which any of the seeds fires.
    seeds : tuple of str
        The seeds that were decided.
    undecided : mapping of str to str
        Why each other seed has no decision on these crossings: it is not false, it is not known.  What a score adds to the menu
        is an upper bound where there is one.
    """

    fired: NDArray[np.bool_]
    seeds: tuple[str, ...]
    undecided: Mapping[str, str]


def classical_bits(menu: Menu, events: Events) -> ClassicalBits:
    """Decide the unprescaled seeds of `menu` that cut on objects only and enter the final OR; no veto among them.

    Raises
    ------
    SchemaError
        If an object is on other scales than those that menus cut on.
    DataError
        If a seed masks bunch crossings and these have no numbers.
    """
    chosen = tuple(
        item
        for item in menu.algorithms
        if menu.is_classical(item) and item.prescale.is_one and item.entry.in_final_or and not item.entry.is_veto
    )
    decisions = decide(replace(menu, algorithms=chosen), Columns.of_events(events))
    return ClassicalBits(np.asarray(decisions.before_prescale.any(axis=1)), decisions.names, dict(decisions.unsupported))
