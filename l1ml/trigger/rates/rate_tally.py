"""Rates of a menu from a stream of crossings of any length."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l1ml.errors import DataError
from l1ml.hardware.fixed_point import FixedPoint
from l1ml.trigger.algorithm_cut import algorithm_cut
from l1ml.trigger.decisions import Decisions
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.rates.draw_sums import DrawSums
from l1ml.trigger.rates.draws import Draws
from l1ml.trigger.rates.firing_stream import FiringStream
from l1ml.trigger.rates.kept_crossings import KeptCrossings
from l1ml.trigger.rates.overlap import Overlap
from l1ml.trigger.rates.pair_sums import PairSums
from l1ml.trigger.rates.rate import Rate
from l1ml.trigger.rates.rate_correlation import rate_correlation
from l1ml.trigger.rates.rate_table import AlgorithmRate, RateTable
from l1ml.trigger.rates.sample import WeightedSample
from l1ml.trigger.rates.sample_sums import SampleSums

__all__ = ["RateTally", "rate_table"]


class RateTally:
    """Sums behind the rates of a menu; memory does not grow with the number of crossings.

    Parameters
    ----------
    menu : Menu
        The menu that makes the decisions, with the prescales to ask about.
    score_formats : mapping of str to FixedPoint, optional
        Number format of each score word, for thresholds as physical values; words are repeated when absent.

    Notes
    -----
    What every rate means stands at `RateTable` and `AlgorithmRate`. Bits are read before the prescale.
    """

    def __init__(self, menu: Menu, score_formats: Mapping[str, FixedPoint] | None = None) -> None:
        self.menu = menu
        self._formats = score_formats or {}
        self._stream = FiringStream(menu)
        self._alone = self._pure = self._shared = self._total = DrawSums.zeros(0)

    def add(self, decisions: Decisions, weight: ArrayLike | None = None, draw: ArrayLike | None = None) -> None:
        """Add a batch of crossings.

        Parameters
        ----------
        decisions : Decisions
            Of the same algorithms in every batch.
        weight : array_like, shape (n,), optional
            Weight of each crossing; one when absent.
        draw : array_like, shape (n,), optional
            Label of the generated collision that each crossing is a copy of; each is its own when absent. All copies must come
            in one batch: a label that comes back in a later batch is taken as another collision, and the error is then too small.

        Raises
        ------
        DataError
            If the decisions are of other algorithms than the menu's or the first batch's, on weights or draws that do not fit,
            or if a veto in use has no decision: the final OR is then not known in any crossing.
        """
        if self._stream.start(decisions):
            self._begin()
        for fired, draws in self._stream.pieces(decisions, weight, draw):
            self._alone = self._alone + DrawSums.of_bits(fired, draws)
            self._pairs.add(fired, draws)
            self._add_kept(fired, draws)

    def _begin(self) -> None:
        algorithms, k = self._stream.algorithms, len(self._stream.algorithms)
        self._final_or = self._stream.final_or(self.menu)
        classical = np.array([self.menu.is_classical(item) for item in algorithms], dtype=np.bool_)
        with_anomaly = {algorithms[i].name: classical | (np.arange(k) == i) for i in np.flatnonzero(~classical)}
        chosen = {"": np.ones(k, dtype=np.bool_), "classical": classical, **with_anomaly}
        self._unions = {name: self._final_or.only(mask) for name, mask in chosen.items()}
        self._pairs = PairSums(k)
        self._alone = self._pure = self._shared = DrawSums.zeros(k)
        self._total = DrawSums.zeros(len(chosen))

    def _add_kept(self, fired: NDArray[np.bool_], draws: Draws) -> None:
        k, kept = len(fired), KeptCrossings(fired, self._final_or)
        column, row = kept.firings()
        self._pure = self._pure + DrawSums.of_entries(column, row, kept.pure(column, row), draws, k)
        inside = self._final_or.enters[column]
        column, row = (column, row) if inside.all() else (column[inside], row[inside])
        self._shared = self._shared + DrawSums.of_entries(column, row, kept.shares(column, row), draws, k)
        self._total = self._total + DrawSums.of_rows(self._union_probability(fired, kept), draws)

    def _union_probability(self, fired: NDArray[np.bool_], everything: KeptCrossings) -> NDArray[np.float64]:
        """Probability that each OR keeps the crossing, shape (u, n); an OR of everything is not computed again."""
        enters = self._final_or.enters
        return np.vstack(
            [
                everything.total if np.array_equal(union.enters, enters) else KeptCrossings(fired, union).total
                for union in self._unions.values()
            ]
        )

    def table(self) -> RateTable:
        """Rates of everything added so far.

        Raises
        ------
        DataError
            If there were fewer than two draws, or all weights are zero.
        """
        unsupported, whole = self._stream.unsupported, self._stream.whole
        algorithms, khz = self._stream.algorithms, self.menu.rates.khz
        unions = {
            name: Rate.of(whole.fraction(self._total, i), khz) if union.is_used else Rate.exactly_zero()
            for i, (name, union) in enumerate(self._unions.items())
        }
        return RateTable(
            tuple(self._row(i, whole) for i in range(len(algorithms))),
            unions.pop(""),
            unions.pop("classical"),
            unions,
            khz,
            unsupported,
            self._stream.is_lower_bound(self.menu),
            rate_correlation(self._alone, self._pairs, whole),
            Overlap.of(tuple(item.name for item in algorithms), self._pairs),
        )

    def _row(self, i: int, whole: SampleSums) -> AlgorithmRate:
        algorithm, khz = self._stream.algorithms[i], self.menu.rates.khz
        kept = float(self._final_or.kept[i])
        alone = whole.fraction(self._alone, i)
        is_off, is_veto = algorithm.prescale.is_off, algorithm.entry.is_veto
        enters = bool(self._final_or.enters[i])
        return AlgorithmRate(
            algorithm,
            algorithm_cut(self.menu, algorithm, self._formats),
            self.menu.is_classical(algorithm),
            alone=Rate.of(alone, khz),
            after_prescale=Rate.exactly_zero() if is_off else Rate.of(alone, khz * kept),
            pure=Rate.exactly_zero() if is_off or is_veto else Rate.of(whole.fraction(self._pure, i, self._alone), khz * kept),
            proportional=Rate.of(whole.fraction(self._shared, i), khz * kept) if enters and not is_off else Rate.exactly_zero(),
        )


def rate_table(
    menu: Menu, decisions: Decisions, sample: WeightedSample, score_formats: Mapping[str, FixedPoint] | None = None
) -> RateTable:
    """Rates of `menu` on a zero-bias sample; see `RateTally` for a stream.

    Parameters
    ----------
    menu : Menu
        The resolved menu that made the `decisions`.
    decisions : Decisions
        Bits of the crossings of `sample`.
    sample : WeightedSample
        Weights of the zero-bias crossings and the collisions they came from.
    score_formats : mapping of str to FixedPoint, optional
        Number format of each score word, for thresholds as physical values; words are repeated when absent.

    Raises
    ------
    DataError
        If decisions and sample differ in length, or the decisions are of another menu.
    """
    if decisions.n != sample.weight.size:
        msg = f"{decisions.n} decisions do not belong to {sample.weight.size} weights"
        raise DataError(msg)
    tally = RateTally(menu, score_formats)
    tally.add(decisions, sample.weight, sample.draw)
    return tally.table()
