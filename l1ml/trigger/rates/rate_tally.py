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
from l1ml.trigger.rates.draw_tally import DrawTally
from l1ml.trigger.rates.draws import Draws
from l1ml.trigger.rates.firing_stream import FiringStream
from l1ml.trigger.rates.kept_crossings import KeptCrossings
from l1ml.trigger.rates.overlap import Overlap
from l1ml.trigger.rates.pair_sums import PairSums
from l1ml.trigger.rates.rate import Rate
from l1ml.trigger.rates.rate_correlation import rate_correlation
from l1ml.trigger.rates.rate_sums import PairChoice, RateState, RateSums
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
    pairs : str
        Sums over pairs of algorithms: "all"; "overlap" without what the correlations need; or "none". They take half of the time
        where several hundred algorithms fire, and most of it where crossings have weights.

    Notes
    -----
    Sums are exact: the rates do not depend on how crossings are divided into batches and tallies, nor on their order, to the
    last bit. What every rate means stands at `RateTable` and `AlgorithmRate`. Bits are read before the prescale.
    """

    def __init__(self, menu: Menu, score_formats: Mapping[str, FixedPoint] | None = None, *, pairs: PairChoice = "all") -> None:
        self.menu = menu
        self._formats = score_formats or {}
        self._choice: PairChoice = pairs
        self._stream = FiringStream(menu)
        self._sums: RateSums

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
            self._sums = self._sums + self._of_piece(fired, draws)

    @property
    def state(self) -> RateState:
        """Everything added so far, for `merge`.

        Raises
        ------
        DataError
            If there was no batch yet.
        """
        return RateState(self._stream.unsupported, self._stream.seen, self._sums)

    def merge(self, state: RateState) -> None:
        """Add what another tally of the same menu and choice of pairs has seen; no draw may be in both.

        Raises
        ------
        DataError
            If other algorithms had decisions there.
        """
        if self._stream.resume(state.unsupported, state.sample):
            self._begin()
        self._sums = self._sums + state.sums

    def _begin(self) -> None:
        algorithms, k = self._stream.algorithms, len(self._stream.algorithms)
        self._final_or = self._stream.final_or(self.menu)
        classical = np.array([self.menu.is_classical(item) for item in algorithms], dtype=np.bool_)
        with_score = {algorithms[i].name: classical | (np.arange(k) == i) for i in np.flatnonzero(~classical)}
        chosen = {"": np.ones(k, dtype=np.bool_), "classical": classical, **with_score}
        self._unions = {name: self._final_or.only(mask) for name, mask in chosen.items()}
        none, pairs = DrawTally.zeros(k), None if self._choice == "none" else PairSums.zeros(k)
        self._sums = RateSums(none, none, none, DrawTally.zeros(len(chosen)), pairs)

    def _of_piece(self, fired: NDArray[np.bool_], draws: Draws) -> RateSums:
        k, kept = len(fired), KeptCrossings(fired, self._final_or)
        column, row = kept.firings()
        pure = DrawTally.of_entries(column, row, kept.pure(column, row), draws, k)
        inside = self._final_or.enters[column]
        column, row = (column, row) if inside.all() else (column[inside], row[inside])
        shared = DrawTally.of_entries(column, row, kept.shares(column, row), draws, k)
        total = DrawTally.of_rows(self._union_probability(fired, kept), draws)
        pairs = None if self._choice == "none" else PairSums.of(fired, draws, products=self._choice == "all")
        return RateSums(DrawTally.of_bits(fired, draws), pure, shared, total, pairs)

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
        algorithms, khz, pairs = self._stream.algorithms, self.menu.rates.khz, self._sums.pairs
        alone, pure, shared, total = self._sums.rounded
        unions = {
            name: Rate.of(whole.fraction(total, i), khz) if union.is_used else Rate.exactly_zero()
            for i, (name, union) in enumerate(self._unions.items())
        }
        return RateTable(
            tuple(self._row(i, whole, alone, pure, shared) for i in range(len(algorithms))),
            unions.pop(""),
            unions.pop("classical"),
            unions,
            khz,
            unsupported,
            self._stream.is_lower_bound(self.menu),
            rate_correlation(alone, pairs, whole) if pairs is not None and self._choice == "all" else None,
            None if pairs is None else Overlap.of(tuple(item.name for item in algorithms), pairs),
        )

    def _row(self, i: int, whole: SampleSums, alone: DrawSums, pure: DrawSums, shared: DrawSums) -> AlgorithmRate:
        algorithm, khz = self._stream.algorithms[i], self.menu.rates.khz
        kept = float(self._final_or.kept[i])
        fraction = whole.fraction(alone, i)
        is_off, is_veto = algorithm.prescale.is_off, algorithm.entry.is_veto
        enters = bool(self._final_or.enters[i])
        return AlgorithmRate(
            algorithm,
            algorithm_cut(self.menu, algorithm, self._formats),
            self.menu.kind_of(algorithm),
            alone=Rate.of(fraction, khz),
            after_prescale=Rate.exactly_zero() if is_off else Rate.of(fraction, khz * kept),
            pure=Rate.exactly_zero() if is_off or is_veto else Rate.of(whole.fraction(pure, i, alone), khz * kept),
            proportional=Rate.of(whole.fraction(shared, i), khz * kept) if enters and not is_off else Rate.exactly_zero(),
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
