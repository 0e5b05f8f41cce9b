"""At which point of the Global Trigger the bits of two files can be compared, seed by seed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import SchemaError, nearest
from l1ml.trigger.menus.algorithm import AlgorithmEntry
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.monitoring.recorded_bits import FINAL, INITIAL

__all__ = ["ComparedSeeds", "compared_seeds"]

BEFORE, UNPRESCALED, PRESCALED = "before prescale", "final, not prescaled", "final, prescale unknown or not one"
"""What of a seed is compared."""


@dataclass(frozen=True, eq=False, slots=True)
class ComparedSeeds:
    """Seeds that both sides have, and how they are compared.

    Parameters
    ----------
    names : tuple of str
        In the order of the recorded file.
    recorded_columns, emulated_columns : ndarray of int64, shape (k,)
        Their columns on both sides.
    recorded_level : str
        Which recorded bits are read; emulated ones are always those before masks and prescales.
    one_way : ndarray of bool, shape (k,)
        Seeds of which a recorded bit that is not set says nothing.
    only_recorded, only_emulated : tuple of str
        Seeds of one side.

    Notes
    -----
    Where the recorded file has bits before the prescale, they are compared both ways. Of final bits only those seeds can be
    compared both ways that are known to have a prescale of one, to enter the final OR and to have no masked crossings. Of any
    other a recorded firing must still be an emulated one: prescale counters of hardware start where no file says.
    """

    names: tuple[str, ...]
    recorded_columns: NDArray[np.int64]
    emulated_columns: NDArray[np.int64]
    recorded_level: str
    one_way: NDArray[np.bool_]
    only_recorded: tuple[str, ...]
    only_emulated: tuple[str, ...]

    def level(self, seed: int) -> str:
        """What of one seed is compared, in words."""
        if self.recorded_level == INITIAL:
            return BEFORE
        return PRESCALED if self.one_way[seed] else UNPRESCALED


def compared_seeds(
    recorded: tuple[str, ...], levels: Iterable[str], emulated: tuple[str, ...], settings: Menu | None = None
) -> ComparedSeeds:
    """Seeds that are in `recorded` (bits at `levels`) and in `emulated`.

    Parameters
    ----------
    recorded, emulated : tuple of str
        Names on both sides.
    levels : iterable of str
        What recorded bits there are.
    settings : Menu, optional
        The menu with the prescales and masks of the run, where they are known.

    Raises
    ------
    SchemaError
        If they have no seed in common.
    """
    there = {name: column for column, name in enumerate(emulated)}
    common = tuple(name for name in recorded if name in there)
    if not common:
        msg = (
            "the recorded file and the emulation have no seed in common: another menu? "
            f"The first recorded one is {recorded[0]!r}; of the emulated ones, {nearest(recorded[0], emulated[:20])}"
        )
        raise SchemaError(msg)
    level = INITIAL if INITIAL in set(levels) else FINAL
    whole = {item.name for item in settings.algorithms if _is_whole(item.entry)} if settings is not None else set()
    one_way = np.array([level == FINAL and name not in whole for name in common])
    here = {name: column for column, name in enumerate(recorded)}
    return ComparedSeeds(
        common,
        np.array([here[name] for name in common]),
        np.array([there[name] for name in common]),
        level,
        one_way,
        tuple(name for name in recorded if name not in there),
        tuple(name for name in emulated if name not in here),
    )


def _is_whole(entry: AlgorithmEntry) -> bool:
    """Whether every firing is in the final bits."""
    return entry.prescale.is_one and entry.in_final_or and not entry.masked_bx
