"""Decisions: one bit for each algorithm and crossing, at the three points where the Global Trigger reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from l1ml.data.ugt_crossings import N_CROSSINGS
from l1ml.errors import ConfigError, DataError, nearest
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.conditions.score_conditions import Scores
from l1ml.trigger.evaluation import Decision, Unsupported, evaluate
from l1ml.trigger.menus.algorithm import AlgorithmEntry
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.prescale_counters import PrescaleCounters

__all__ = ["Decisions", "FinalDecisionLogic", "decide"]

Bits = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class Decisions:
    """Bits of every supported algorithm in every crossing.

    Parameters
    ----------
    entries : tuple of AlgorithmEntry
        The algorithms, in the order of the columns.
    before_bx_mask_and_prescale : ndarray of bool, shape (n, k)
        What the conditions say.
    before_prescale : ndarray of bool, shape (n, k)
        After the bunch-crossing masks.  Rates and efficiencies are read here.
    final : ndarray of bool, shape (n, k)
        After the prescale counters.
    unsupported : mapping of str to str
        Why each other algorithm of the menu has no decision: it is not false, it is not known.
    bx : ndarray of int64, shape (n,), optional
        Number of each crossing in its orbit, where the crossings have one.

    Notes
    -----
    The three points and their names are those of CMSSW's ``P2GTAlgoBlock``.  The finor mask acts between `final` and
    `final_or`, as in the firmware.
    """

    entries: tuple[AlgorithmEntry, ...]
    before_bx_mask_and_prescale: Bits
    before_prescale: Bits
    final: Bits
    unsupported: Mapping[str, str] = field(default_factory=dict)
    bx: NDArray[np.int64] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the algorithms, in the order of the columns."""
        return tuple(entry.name for entry in self.entries)

    @property
    def n(self) -> int:
        """Number of crossings."""
        return int(self.final.shape[0])

    @property
    def final_or(self) -> Bits:
        """Whether the crossing is kept, shape (n,): any algorithm that enters the final OR keeps it, and no veto forbids it."""
        enters = np.array([entry.in_final_or and not entry.is_veto for entry in self.entries], dtype=np.bool_)
        vetoes = np.array([entry.is_veto for entry in self.entries], dtype=np.bool_)
        return np.asarray(self.final[:, enters].any(axis=1) & ~self.final[:, vetoes].any(axis=1))

    def __getitem__(self, name: str) -> Bits:
        """Bits of algorithm `name` before the prescale, shape (n,)."""
        return self.before_prescale[:, self.column(name)]

    def column(self, name: str) -> int:
        """Column of algorithm `name`.

        Raises
        ------
        ConfigError
            If the menu has no such algorithm, or it has no decision.
        """
        if name in self.unsupported:
            msg = f"{name} has no decision: {self.unsupported[name]}"
            raise ConfigError(msg)
        if name not in self.names:
            msg = f"the menu has no algorithm {name!r}; {nearest(name, self.names)}"
            raise ConfigError(msg)
        return self.names.index(name)

    def per_orbit(self) -> NDArray[np.int64]:
        """Kept firings of each algorithm in each orbit, shape (n_orbits, k); an orbit begins where the numbers start again.

        Raises
        ------
        DataError
            If the crossings have no numbers.
        """
        starts = np.flatnonzero(np.diff(self._numbers(), prepend=N_CROSSINGS) <= 0)
        return np.add.reduceat(self.final.astype(np.int64), starts, axis=0)

    def per_bx(self) -> NDArray[np.int64]:
        """Kept firings of each algorithm in each crossing of the orbit, shape (3564, k).

        Raises
        ------
        DataError
            If the crossings have no numbers.
        """
        counts = np.zeros((N_CROSSINGS, self.final.shape[1]), dtype=np.int64)
        np.add.at(counts, self._numbers(), self.final)
        return counts

    def _numbers(self) -> NDArray[np.int64]:
        if self.bx is None:
            msg = "these crossings have no numbers in an orbit; decide on vectors, or on events with a bx column"
            raise DataError(msg)
        return self.bx


class FinalDecisionLogic:
    """Masks and prescale counters behind the conditions of a menu, for one batch of crossings after the other.

    Parameters
    ----------
    menu : Menu
        Algorithms with their prescales and masks.
    """

    def __init__(self, menu: Menu) -> None:
        self.menu = menu
        self._counters = {item.name: PrescaleCounters([item.prescale]) for item in menu.algorithms}

    @property
    def state(self) -> dict[str, int]:
        """What the prescale counter of each algorithm holds."""
        return {name: int(counter.state[0]) for name, counter in self._counters.items()}

    def restore(self, state: Mapping[str, int]) -> None:
        """Go on counting from `state`; algorithms that it does not name start at zero."""
        for name, counter in self._counters.items():
            counter.start(state.get(name, 0))

    def decide(self, columns: Columns, scores: Scores | None = None) -> Decisions:
        """Decisions on the next crossings.

        Raises
        ------
        ConfigError
            If the threshold on a score is not derived, or a condition has no meaning.
        DataError
            If an algorithm masks crossings and these have no numbers.
        """
        return self.finish(evaluate(self.menu, columns, scores), columns)

    def finish(self, evaluated: Mapping[str, Decision], columns: Columns) -> Decisions:
        """Decisions on the next crossings from what the conditions say of them: batches in order, conditions at any time.

        Raises
        ------
        DataError
            If an algorithm masks crossings and these have no numbers.
        """
        unsupported = {name: item.reason for name, item in evaluated.items() if isinstance(item, Unsupported)}
        decided = {name: item for name, item in evaluated.items() if not isinstance(item, Unsupported)}
        entries = tuple(item.entry for item in self.menu.algorithms if item.name in decided)
        raw, masked, final = (np.zeros((columns.n, len(entries)), dtype=np.bool_, order="F") for _ in range(3))
        for column, entry in enumerate(entries):
            raw[:, column] = decided[entry.name]
            masked[:, column] = raw[:, column] & _allowed(entry, columns)
            final[:, column] = self._counters[entry.name].apply(masked[:, [column]])[:, 0]
        return Decisions(entries, raw, masked, final, unsupported, columns.bx)


def decide(menu: Menu, columns: Columns, scores: Scores | None = None) -> Decisions:
    """Decisions of `menu` on all crossings, with prescale counters that start at zero; see `FinalDecisionLogic`."""
    return FinalDecisionLogic(menu).decide(columns, scores)


def _allowed(entry: AlgorithmEntry, columns: Columns) -> Bits | np.bool_:
    """Crossings in which the algorithm may fire, shape (n,) or a scalar."""
    if not entry.masked_bx:
        return np.True_
    if columns.bx is None:
        msg = f"{entry.name} masks bunch crossings, and {columns.source} carries no crossing numbers"
        raise DataError(msg)
    return np.isin(columns.bx, entry.masked_bx, invert=True)
