"""What the prescales leave of each crossing on average: the final OR, pure firings and proportional shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.rates.final_or import FinalOr
from l1ml.trigger.rates.firing_ranks import FiringRanks

__all__ = ["KeptCrossings"]

Table = NDArray[np.float64]

_LEAST = 5e-324
"""Smallest positive number: what is lost with an unlikelier chance is lost with this one."""


@dataclass(eq=False)
class KeptCrossings:
    """Probabilities over the coin flips of the prescales in each crossing of a batch.

    Parameters
    ----------
    fired : ndarray of bool, shape (k, n)
        Firings before the prescale.
    final_or : FinalOr
        Prescales and masks of the `k` algorithms.

    Notes
    -----
    A *rival* is an algorithm of the final OR or a whole set of alternatives, which is kept if any of its members is. Those that
    are kept with certainty are counted (`n_sure`); the others are independent Bernoulli variables of probability `q`: one of
    them at least is kept with the probability `any_kept`, none with ``lost = prod(1 - q)``.

    Every number is computed from those of its crossing alone, by additions, products and quotients in the order of the
    algorithms: it is the same to the last bit in any batch and on any machine.
    """

    fired: NDArray[np.bool_]
    final_or: FinalOr
    n_sure: NDArray[np.int64] = field(init=False)
    lost: Table = field(init=False)
    any_kept: Table = field(init=False)
    unvetoed: Table = field(init=False)
    _columns: NDArray[np.intp] = field(init=False)
    _chance: Table = field(init=False)
    _ranks: FiringRanks = field(init=False)
    _set_sure: NDArray[np.bool_] = field(init=False)
    _set_lost: Table = field(init=False)
    _set_kept: Table = field(init=False)

    def __post_init__(self) -> None:
        kept, single = self.final_or.kept, self.final_or.enters.copy()
        for members in self.final_or.sets:
            single[members] = False
        self._columns = np.flatnonzero(single & (kept > 0) & (kept < 1))
        self._chance = kept[self._columns]
        self._ranks = FiringRanks.of(self.fired[self._columns])
        self._set_sure, self._set_lost, self._set_kept = self._sets()
        sure = self.fired[single & (kept == 1)]
        self.n_sure = sure.sum(axis=0, dtype=np.int16).astype(np.int64) + self._set_sure.sum(axis=0)
        self.lost, self.any_kept = self._rivals()
        self.unvetoed = self._unvetoed()

    @property
    def total(self) -> Table:
        """Probability that the final OR keeps the crossing, shape (n,)."""
        return np.where(self.n_sure > 0, 1.0, self.any_kept) * self.unvetoed

    def firings(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Algorithm and crossing of each firing (e,) that may be kept and is no veto."""
        candidates = np.flatnonzero((self.final_or.kept > 0) & ~self.final_or.vetoes)
        bits = self.fired[candidates]
        column = np.repeat(np.arange(len(candidates)), np.count_nonzero(bits, axis=1))
        return candidates[column], np.flatnonzero(bits) - column * bits.shape[1]  # faster than nonzero of two axes

    def pure(self, column: NDArray[np.intp], row: NDArray[np.intp]) -> Table:
        """Probability that no rival of the firing `column` (e,) is kept in the crossing `row` (e,), and no veto, shape (e,).

        The algorithm itself is taken as kept; its own alternatives are set aside.
        """
        source = self._sources[column]
        own_sure = source == 0
        own_lost = np.concatenate([[1.0], 1.0 - self._chance, np.ones(len(self._set_lost) + 1)])[source]
        for i, (sure, lost) in enumerate(zip(self._set_sure, self._set_lost, strict=True)):
            own = np.flatnonzero(source == 1 + len(self._columns) + i)
            own_sure[own], own_lost[own] = sure[row[own]], lost[row[own]]
        values = np.zeros(len(column))
        alone = np.flatnonzero(self.n_sure[row] == own_sure)
        values[alone] = self.lost[row[alone]] / np.maximum(own_lost[alone], _LEAST) * self.unvetoed[row[alone]]
        return values

    def shares(self, column: NDArray[np.intp], row: NDArray[np.intp]) -> Table:
        """Mean of ``1 / (1 + rivals kept)`` for the firing `column` (e,) in the crossing `row` (e,), no veto kept, shape (e,).

        The algorithm itself is taken as kept and must enter the final OR.

        Notes
        -----
        For rivals that are kept with the probabilities `q`, ``E[1 / (1 + K)]`` is the integral over t from 0 to 1 of
        ``E[t^K] = prod(1 - q + q t)``: a polynomial, which `m` nodes of Gauss and Legendre integrate exactly up to the degree
        ``2 m - 1``. Crossings without prescaled rivals are counted.
        """
        ranks = self._ranks
        n_sure, flipped = self.n_sure[ranks.row], ranks.count + (self._set_lost[:, ranks.row] < 1.0).sum(axis=0)
        nodes = np.where(flipped > 0, 4 * ((n_sure + flipped) // 8 + 1), 0)
        table = np.empty((1 + len(self._columns) + len(self._set_lost), self.fired.shape[1]))
        counted = ranks.row[nodes == 0]
        table[:, counted] = 1.0 / np.maximum(self.n_sure[counted], 1)
        for m in np.unique(nodes[nodes > 0]).tolist():
            self._integrate(ranks.select(np.flatnonzero(nodes == m)), m, table)
        return np.asarray(table[self._sources[column], row] * self.unvetoed[row])

    def _integrate(self, ranks: FiringRanks, m: int, table: Table) -> None:
        """Integrals over `m` nodes without the own factor in the crossings of `ranks`; rows of the `table` are `_sources`."""
        rows, first_set = ranks.row, 1 + len(self._columns)
        t, weights = _nodes(m)
        factors = 1.0 - self._chance + self._chance * t
        sets = [1.0 - kept + kept * t for kept in np.where(self._set_sure, 1.0, self._set_kept)[:, rows]]
        terms = weights * _powers(t, int(self.n_sure.max(initial=0)))[:, self.n_sure[rows] - self._set_sure[:, rows].sum(axis=0)]
        for column in ranks.ranks():
            terms[:, : column.size] *= factors[:, column]
        for values in sets:
            terms *= values
        table[0, rows] = _added(terms / t)
        for column in ranks.ranks():
            table[1 + column, rows[: column.size]] = _added(terms[:, : column.size] / factors[:, column])
        for i, values in enumerate(sets):
            table[first_set + i, rows] = _added(terms / values)

    @property
    def _sources(self) -> NDArray[np.intp]:
        """Row of each algorithm in the tables of `pure` and `shares`: sure ones, each prescaled one, each set, the masked."""
        n_prescaled, sets = len(self._columns), self.final_or.sets
        sources = np.where(self.final_or.enters, 0, 1 + n_prescaled + len(sets))
        sources[self._columns] = 1 + np.arange(n_prescaled)
        for i, members in enumerate(sets):
            sources[members] = 1 + n_prescaled + i
        return sources

    def _rivals(self) -> tuple[Table, Table]:
        """Probabilities that none of the prescaled rivals is kept, and that any is, shape (n,) each."""
        ranks = self._ranks
        lost, any_kept = np.ones(ranks.row.size), np.zeros(ranks.row.size)
        for column in ranks.ranks():
            first = slice(column.size)
            any_kept[first] += self._chance[column] * lost[first]
            lost[first] *= 1.0 - self._chance[column]
        lost[ranks.row], any_kept[ranks.row] = lost.copy(), any_kept.copy()
        for set_lost, set_kept in zip(self._set_lost, self._set_kept, strict=True):
            any_kept += set_kept * lost
            lost *= set_lost
        return lost, any_kept

    def _sets(self) -> tuple[NDArray[np.bool_], Table, Table]:
        """Whether each set is kept with certainty, and else the probabilities of losing all and of keeping any, shape (s, n)."""
        kept, shape = self.final_or.kept, (len(self.final_or.sets), self.fired.shape[1])
        sure, lost, any_kept = np.zeros(shape, dtype=np.bool_), np.ones(shape), np.zeros(shape)
        for i, members in enumerate(self.final_or.sets):
            inside = members[self.final_or.enters[members]]
            sure[i] = self.fired[inside[kept[inside] == 1]].any(axis=0)
            for member in inside[(kept[inside] > 0) & (kept[inside] < 1)]:
                chance = np.where(self.fired[member] & ~sure[i], kept[member], 0.0)
                any_kept[i] += chance * lost[i]
                lost[i] *= 1.0 - chance
        return sure, lost, any_kept

    def _unvetoed(self) -> Table:
        """Probability that no veto is kept, shape (n,)."""
        kept, vetoes = self.final_or.kept, self.final_or.vetoes
        values: Table = np.where(self.fired[vetoes & (kept == 1)].any(axis=0), 0.0, 1.0)
        for veto in np.flatnonzero(vetoes & (kept > 0) & (kept < 1)):
            values[self.fired[veto]] *= 1.0 - kept[veto]
        return values


def _added(terms: Table) -> Table:
    """Sum over the first axis in its order."""
    total: Table = terms[0].copy()
    for term in terms[1:]:
        total += term
    return total


def _powers(t: Table, highest: int) -> Table:
    """Powers 0 to `highest` of `t` (m, 1), shape (m, highest + 1)."""
    factors = np.broadcast_to(t, (len(t), highest + 1)).copy()
    factors[:, 0] = 1.0
    return np.asarray(np.multiply.accumulate(factors, axis=1))


@cache
def _nodes(m: int) -> tuple[Table, Table]:
    """Nodes and weights of Gauss and Legendre between 0 and 1, shape (m, 1) each: Newton's method from rounded cosines.

    Eigenvalues, from which numpy has them, differ in the last bit between processors.
    """
    x = np.round(np.cos(np.pi * (np.arange(m)[:, None] + 0.75) / (m + 0.5)), 6)
    for _ in range(6):
        value, slope = _legendre(x, m)
        x = x - value / slope
    _, slope = _legendre(x, m)
    return (x + 1.0) / 2.0, 1.0 / ((1.0 - x * x) * slope * slope)


def _legendre(x: Table, m: int) -> tuple[Table, Table]:
    """Legendre polynomial of degree `m` and its derivative at `x`, by Bonnet's recursion."""
    before, value = np.ones_like(x), x
    for n in range(2, m + 1):
        before, value = value, ((2 * n - 1) * x * value - (n - 1) * before) / n
    return value, m * (x * value - before) / (x * x - 1.0)
