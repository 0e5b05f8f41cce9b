"""What the prescales leave of each crossing on average: the final OR, pure firings and proportional shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.rates.final_or import FinalOr

__all__ = ["KeptCrossings"]

Table = NDArray[np.float64]


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
    are kept with certainty are counted (`n_sure`); the others are independent Bernoulli variables of probability `q`, and the
    probability that none is kept is ``exp(sum log(1 - q))`` (`log_lost`).
    """

    fired: NDArray[np.bool_]
    final_or: FinalOr
    n_sure: NDArray[np.int64] = field(init=False)
    log_lost: Table = field(init=False)
    unvetoed: Table = field(init=False)
    _columns: NDArray[np.intp] = field(init=False)
    _chance: Table = field(init=False)
    _bits: Table = field(init=False)
    _set_sure: NDArray[np.bool_] = field(init=False)
    _set_log: Table = field(init=False)

    def __post_init__(self) -> None:
        kept, single = self.final_or.kept, self.final_or.enters.copy()
        for members in self.final_or.sets:
            single[members] = False
        self._columns = np.flatnonzero(single & (kept > 0) & (kept < 1))
        self._chance = kept[self._columns]
        self._bits = self.fired[self._columns].astype(np.float64)
        self._set_sure, self._set_log = self._sets()
        sure = self.fired[single & (kept == 1)]
        self.n_sure = sure.sum(axis=0, dtype=np.int16).astype(np.int64) + self._set_sure.sum(axis=0)
        self.log_lost = np.log1p(-self._chance) @ self._bits + self._set_log.sum(axis=0)
        self.unvetoed = self._unvetoed()

    @property
    def total(self) -> Table:
        """Probability that the final OR keeps the crossing, shape (n,)."""
        return np.where(self.n_sure > 0, 1.0, -np.expm1(self.log_lost)) * self.unvetoed

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
        source, n_sets = self._sources[column], len(self._set_log)
        own_sure = source == 0
        own_log = np.concatenate([[0.0], np.log1p(-self._chance), np.zeros(n_sets + 1)])[source]
        for i, (sure, log) in enumerate(zip(self._set_sure, self._set_log, strict=True)):
            own = np.flatnonzero(source == 1 + len(self._columns) + i)
            own_sure[own], own_log[own] = sure[row[own]], log[row[own]]
        values = np.zeros(len(column))
        alone = np.flatnonzero(self.n_sure[row] == own_sure)
        values[alone] = np.exp(self.log_lost[row[alone]] - own_log[alone]) * self.unvetoed[row[alone]]
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
        n_prescaled = (self._bits.sum(axis=0) + (self._set_log < 0).sum(axis=0)).astype(np.int64)
        nodes = np.where(n_prescaled > 0, 4 * ((self.n_sure + n_prescaled) // 8 + 1), 0)
        order = np.argsort(nodes, kind="stable")
        table = np.empty((1 + len(self._columns) + len(self._set_log), order.size))
        starts = np.flatnonzero(np.diff(nodes[order], prepend=-1))
        for first, last in pairwise([*starts.tolist(), order.size]):
            rows = order[first:last]
            m = int(nodes[rows[0]])
            table[:, first:last] = self._integrals(rows, m) if m else 1.0 / np.maximum(self.n_sure[rows], 1)
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        return np.asarray(table[self._sources[column], place[row]] * self.unvetoed[row])

    def _integrals(self, rows: NDArray[np.intp], m: int) -> Table:
        """Integral over `m` nodes without the own factor: of a sure algorithm, each prescaled one, each set, shape (u, r)."""
        t, weights = _nodes(m)
        factors = 1.0 - self._chance + self._chance * t
        sure, chance = self._set_sure[:, rows], -np.expm1(self._set_log[:, rows])
        set_factors = [np.where(sure[i], t, 1.0 - chance[i] + chance[i] * t) for i in range(len(sure))]
        logs = self.n_sure[rows] * np.log(t) + np.log(factors) @ self._bits[:, rows]
        for i, values in enumerate(set_factors):
            logs += np.where(sure[i], 0.0, np.log(values))
        terms = np.exp(logs) * weights
        sets = [(terms / values).sum(axis=0) for values in set_factors]
        return np.vstack([(1.0 / t).T @ terms, (1.0 / factors).T @ terms, *sets])

    @property
    def _sources(self) -> NDArray[np.intp]:
        """Row of each algorithm in the tables of `pure` and `shares`: sure ones, each prescaled one, each set, the masked."""
        n_prescaled, sets = len(self._columns), self.final_or.sets
        sources = np.where(self.final_or.enters, 0, 1 + n_prescaled + len(sets))
        sources[self._columns] = 1 + np.arange(n_prescaled)
        for i, members in enumerate(sets):
            sources[members] = 1 + n_prescaled + i
        return sources

    def _sets(self) -> tuple[NDArray[np.bool_], Table]:
        """Whether each set is kept with certainty, and else the logarithm of losing all its members, shape (s, n) each."""
        kept, enters, n = self.final_or.kept, self.final_or.enters, self.fired.shape[1]
        sure = np.zeros((len(self.final_or.sets), n), dtype=np.bool_)
        logs = np.zeros((len(self.final_or.sets), n))
        for i, members in enumerate(self.final_or.sets):
            inside = members[enters[members]]
            certain, flipped = inside[kept[inside] == 1], inside[(kept[inside] > 0) & (kept[inside] < 1)]
            sure[i] = self.fired[certain].any(axis=0)
            logs[i] = np.where(sure[i], 0.0, np.log1p(-kept[flipped]) @ self.fired[flipped])
        return sure, logs

    def _unvetoed(self) -> Table:
        """Probability that no veto is kept, shape (n,)."""
        kept = self.final_or.kept
        certain, flipped = self.final_or.vetoes & (kept == 1), self.final_or.vetoes & (kept > 0) & (kept < 1)
        unflipped = np.exp(np.log1p(-kept[flipped]) @ self.fired[flipped])
        return np.where(self.fired[certain].any(axis=0), 0.0, unflipped)


@cache
def _nodes(m: int) -> tuple[Table, Table]:
    """Nodes and weights of Gauss and Legendre between 0 and 1, shape (m, 1) each."""
    nodes, weights = np.polynomial.legendre.leggauss(m)
    return (nodes[:, None] + 1.0) / 2.0, weights[:, None] / 2.0
