"""A comparison in the making: bits counted batch by batch, and read out seed by seed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.trigger.description import deciding_objects
from l1ml.trigger.evaluation import Evaluator
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.monitoring.clustering import Clustering, clustering
from l1ml.trigger.monitoring.crossing_key import described
from l1ml.trigger.monitoring.levels import ComparedSeeds
from l1ml.trigger.monitoring.pairing import PairedBatch
from l1ml.trigger.monitoring.recorded_bits import INITIAL
from l1ml.trigger.monitoring.run_comparison import Spread
from l1ml.trigger.monitoring.seed_comparison import MismatchingCrossing, SeedComparison
from l1ml.trigger.monitoring.seed_tally import NewMismatch, SeedTally

__all__ = ["SeedCounts"]

_SEED = 20261123
"""Of the toys behind the tests for clustering: the same files have the same p-values."""

_MOST_TESTED = 50
"""Seeds that are tested for clustering one by one: where more mismatch, it is another menu, and the crossings tell where."""


@dataclass(slots=True)
class SeedCounts:
    """The tally of the seeds, and the objects behind their first mismatches.

    Parameters
    ----------
    seeds : ComparedSeeds
        What is compared.
    menu : Menu, optional
        Names the objects.
    """

    seeds: ComparedSeeds
    menu: Menu | None
    tally: SeedTally = field(init=False)
    first: dict[int, list[MismatchingCrossing]] = field(default_factory=dict)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(_SEED))

    def __post_init__(self) -> None:
        self.tally = SeedTally(self.seeds.one_way)

    def add(self, pair: PairedBatch, unsupported: Collection[str] = ()) -> None:
        """Count one batch; seeds that have no decision are not counted as silent."""
        recorded = pair.recorded.bits[self.seeds.recorded_level]
        recorded = recorded if len(pair.rows) == len(recorded) else recorded[pair.rows]
        recorded = _chosen(recorded, self.seeds.recorded_columns)
        emulated = _chosen(pair.emulated.bits[INITIAL], self.seeds.emulated_columns)
        if unsupported:
            recorded = recorded & np.array([name not in unsupported for name in self.seeds.names])
        identity = {name: values[pair.rows] for name, values in pair.recorded.identity.items()}
        found = self.tally.add(recorded, emulated, identity)
        if found:
            self._explain(pair, found)

    def _explain(self, pair: PairedBatch, found: list[NewMismatch]) -> None:
        evaluator = self._evaluator(pair)
        for item in found:
            row, name = int(pair.rows[item.row]), self.seeds.names[item.seed]
            deciding = () if evaluator is None else _deciding(evaluator, name, row)
            where = described(pair.recorded.identity, row)
            crossing = MismatchingCrossing(where, "recorded" if item.only_recorded else "emulated", deciding)
            self.first.setdefault(item.seed, []).append(crossing)

    def _evaluator(self, pair: PairedBatch) -> Evaluator | None:
        """What decides in this batch; scores of crossings without a partner are not known and not asked for."""
        if self.menu is None or pair.recorded.columns is None:
            return None
        scores = {}
        for name, words in pair.emulated.scores.items():
            if words.ndim == 1:
                scores[name] = np.zeros(pair.recorded.n, np.int64)
                scores[name][pair.rows] = words
        return Evaluator(self.menu, pair.recorded.columns, scores)

    def seeds_compared(self, unsupported: Mapping[str, str]) -> tuple[SeedComparison, ...]:
        """Every seed that could be emulated, most mismatches first."""
        kept = [seed for seed, name in enumerate(self.seeds.names) if name not in unsupported]
        if not kept:
            name = self.seeds.names[0]
            msg = f"none of {len(self.seeds.names)} seeds could be emulated; {name}: {unsupported[name]}"
            raise DataError(msg)
        kept.sort(key=lambda seed: -int(self.tally.mismatches[seed]))
        return tuple(self._seed(seed, spread=place < _MOST_TESTED) for place, seed in enumerate(kept))

    def _seed(self, seed: int, *, spread: bool) -> SeedComparison:
        tally = self.tally
        both, recorded, emulated = (int(column[seed]) for column in (tally.both, tally.only_recorded, tally.only_emulated))
        tested: tuple[Clustering | None, Clustering | None] = (None, None)
        if tally.mismatches[seed] and spread:
            wrong, fired = (rows[seed] for rows in tally.time_counts)
            in_bx = self._clustering(tally.bx_mismatches[seed], tally.bx_firings[seed]) if tally.has_bx else None
            tested = in_bx, self._clustering(wrong, fired)
        first, one_way = tuple(self.first.get(seed, ())), bool(tally.one_way[seed])
        return SeedComparison(self.seeds.names[seed], self.seeds.level(seed), one_way, both, recorded, emulated, *tested, first)

    def spread_in_bx(self) -> Spread | None:
        """Along the orbit."""
        if not self.tally.has_bx:
            return None
        wrong, fired = (rows[-1].astype(np.int64) for rows in (self.tally.bx_mismatches, self.tally.bx_firings))
        return Spread("bx", 0, 1, wrong, fired, self._clustering(wrong, fired))

    def spread_in_time(self) -> Spread:
        """Along the run."""
        wrong, fired = (rows[-1] for rows in self.tally.time_counts)
        unit = self.tally.time_unit.replace("_", " ")
        return Spread(unit, self.tally.time_first, self.tally.time_width, wrong, fired, self._clustering(wrong, fired))

    def _clustering(self, wrong: NDArray[np.integer], fired: NDArray[np.integer]) -> Clustering:
        return clustering(wrong.astype(np.int64), fired.astype(np.int64), self.rng)


def _deciding(evaluator: Evaluator, name: str, row: int) -> tuple[str, ...]:
    """Objects behind one decision, or what is missing to tell; nothing for a seed of no menu."""
    return deciding_objects(evaluator, evaluator.menu[name], row) if name in evaluator.menu.names else ()


def _chosen(bits: NDArray[np.bool_], columns: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The columns of the seeds; a copy only where it is not all of them in order."""
    return bits if np.array_equal(columns, np.arange(bits.shape[1])) else bits[:, columns]
