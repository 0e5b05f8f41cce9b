"""The costs of the columns of a prescale table from a stream of crossings of any length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l1ml.errors import ConfigError
from l1ml.trigger.decisions import Decisions
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.prescale_table import PrescaleTable
from l1ml.trigger.rates.column_cost import AlgorithmCost, ColumnCost, ColumnCosts, RateDifference
from l1ml.trigger.rates.draw_sums import DrawSums
from l1ml.trigger.rates.draw_tally import DrawTally
from l1ml.trigger.rates.draws import Draws
from l1ml.trigger.rates.final_or import FinalOr
from l1ml.trigger.rates.firing_stream import FiringStream
from l1ml.trigger.rates.intervals import poisson_upper_limit
from l1ml.trigger.rates.kept_crossings import KeptCrossings
from l1ml.trigger.rates.rate import Rate
from l1ml.trigger.rates.rate_sums import ColumnState, ColumnSums
from l1ml.trigger.rates.sample_sums import SampleSums

__all__ = ["ColumnTally", "column_costs"]


class ColumnTally:
    """Sums behind the costs of prescale columns; memory does not grow with the number of crossings.

    Parameters
    ----------
    menu : Menu
        The menu that makes the decisions; its own prescales play no part.
    table : PrescaleTable
        With a row for each algorithm of the menu.
    columns : sequence of str
        Columns to compare, the reference first.

    Raises
    ------
    ConfigError
        If no column is named, one is named twice or not in the table, or the table has no row for an algorithm.
    """

    def __init__(self, menu: Menu, table: PrescaleTable, columns: Sequence[str]) -> None:
        if not columns or len(set(columns)) < len(columns):
            msg = f"name one or more columns of the prescale table, each once; received {', '.join(columns) or 'none'}"
            raise ConfigError(msg)
        self._menus = {name: table.applied_to(menu, name) for name in columns}
        self._stream = FiringStream(menu)
        self._sums: ColumnSums

    def add(self, decisions: Decisions, weight: ArrayLike | None = None, draw: ArrayLike | None = None) -> None:
        """Add a batch of crossings; parameters and errors as for `RateTally.add`."""
        if self._stream.start(decisions):
            self._begin()
        for fired, draws in self._stream.pieces(decisions, weight, draw):
            self._sums = self._sums + self._of_piece(fired, draws)

    @property
    def state(self) -> ColumnState:
        """Everything added so far, for `merge`; raises as `RateTally.state` does."""
        return ColumnState(self._stream.unsupported, self._stream.seen, self._sums)

    def merge(self, state: ColumnState) -> None:
        """Add what another tally of the same menu, table and columns has seen; as `RateTally.merge`."""
        if self._stream.resume(state.unsupported, state.sample):
            self._begin()
        self._sums = self._sums + state.sums

    def _of_piece(self, fired: NDArray[np.bool_], draws: Draws) -> ColumnSums:
        kept = [KeptCrossings(fired, final_or) for final_or in self._final_ors]
        total = np.vstack([item.total for item in kept])
        return ColumnSums(
            DrawTally.of_bits(fired, draws),
            DrawTally.of_rows(total, draws),
            DrawTally.of_rows(total - total[0], draws),
            tuple(_pure(item, draws) for item in kept),
        )

    def _begin(self) -> None:
        """Columns that prescale the decided algorithms alike are summed once."""
        decided = {name: self._stream.final_or(menu) for name, menu in self._menus.items()}
        keys = {name: final_or.kept.tobytes() for name, final_or in decided.items()}
        distinct = {key: name for name, key in reversed(keys.items())}
        order = list(dict.fromkeys(keys.values()))
        self._index = {name: order.index(key) for name, key in keys.items()}
        self._final_ors: list[FinalOr] = [decided[distinct[key]] for key in order]
        k = len(self._stream.algorithms)
        none, nothing = DrawTally.zeros(k), DrawTally.zeros(len(order))
        self._sums = ColumnSums(none, nothing, nothing, (none,) * len(order))

    def costs(self) -> ColumnCosts:
        """Costs on everything added so far.

        Raises
        ------
        DataError
            If there were fewer than two draws, or all weights are zero.
        """
        unsupported, whole, sums = self._stream.unsupported, self._stream.whole, self._sums
        alone, pure = sums.alone.sums, [item.sums for item in sums.pure]
        rows = {name: self._algorithm_costs(name, whole, alone, pure[self._index[name]]) for name in self._menus}
        total, difference = sums.total.sums, sums.difference.sums
        columns = []
        for name, menu in self._menus.items():
            i, khz = self._index[name], menu.rates.khz
            rate = Rate.of(whole.fraction(total, i), khz) if self._final_ors[i].is_used else Rate.exactly_zero()
            change = _difference(difference, i, whole, khz)
            columns.append(ColumnCost(name, rate, change, rows[name], self._stream.is_lower_bound(menu)))
        return ColumnCosts(tuple(columns), unsupported)

    def _algorithm_costs(self, name: str, whole: SampleSums, alone: DrawSums, pure: DrawSums) -> tuple[AlgorithmCost, ...]:
        menu, final_or = self._menus[name], self._final_ors[self._index[name]]
        rows = []
        for j, item in enumerate(self._stream.algorithms):
            prescale = menu[item.name].prescale
            kept, nothing = float(final_or.kept[j]) * menu.rates.khz, Rate.exactly_zero()
            after = nothing if prescale.is_off else Rate.of(whole.fraction(alone, j), kept)
            has_pure = not (prescale.is_off or final_or.vetoes[j])
            own = Rate.of(whole.fraction(pure, j, alone), kept) if has_pure else nothing
            rows.append(AlgorithmCost(item.name, prescale, after, own))
        return tuple(rows)


def column_costs(menu: Menu, table: PrescaleTable, columns: Sequence[str], batches: Iterable[Decisions]) -> ColumnCosts:
    """What each of the `columns` of a prescale table would cost, on unweighted crossings.

    Parameters
    ----------
    menu : Menu
        The menu that makes the decisions.
    table : PrescaleTable
        With a row for each algorithm of the menu.
    columns : sequence of str
        Columns to compare, the reference first.
    batches : iterable of Decisions
        One batch after the other; weights go through `ColumnTally`.

    Raises
    ------
    ConfigError
        If a column is not there, or the table has no row for an algorithm.
    DataError
        If the batches are of different algorithms or hold fewer than two crossings.
    """
    tally = ColumnTally(menu, table, columns)
    for decisions in batches:
        tally.add(decisions)
    return tally.costs()


def _pure(kept: KeptCrossings, draws: Draws) -> DrawTally:
    column, row = kept.firings()
    return DrawTally.of_entries(column, row, kept.pure(column, row), draws, len(kept.fired))


def _difference(sums: DrawSums, i: int, whole: SampleSums, khz: float) -> RateDifference:
    if i == 0:
        return RateDifference(0.0, 0.0, 0, is_upper_limit=False)
    if not sums.n_events[i]:
        unit = whole.squares / whole.weight / whole.weight
        return RateDifference(0.0, poisson_upper_limit() * unit * khz, 0, is_upper_limit=True)
    change, error = float(sums.total[i]) / whole.weight * khz, whole.spread(sums, i) * khz
    return RateDifference(change, error, int(sums.n_events[i]), is_upper_limit=False)
