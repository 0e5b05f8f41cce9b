"""Errors of rates that the crossings which pass do not know of: of a threshold derived from them, and of their pileup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import hypot

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.decisions import Decisions
from l1ml.trigger.performance.pileup_error import PoolDraws, pileup_errors
from l1ml.trigger.rates import AlgorithmRate, RateTable
from l1ml.trigger.rates.rate import Rate
from l1ml.trigger.rates.sample import WeightedSample
from l1ml.trigger.thresholds import near_threshold

__all__ = ["with_pileup_errors", "with_threshold_errors"]


def with_threshold_errors(
    table: RateTable, decisions: Decisions, words: Mapping[str, NDArray[np.int64]], sample: WeightedSample
) -> RateTable:
    """`table` with the error of the threshold in the rate, alone and after prescale, of each algorithm that has a target rate.

    The smallest threshold at a rate stands just above a crossing, and the more often above one the heavier it is: the crossings
    that pass do not know that there are such. The error takes them from those near the threshold, see `near_threshold`.

    Parameters
    ----------
    table : RateTable
        Rates of the crossings.
    decisions : Decisions
        On the same crossings.
    words : mapping of str to ndarray of int64, shape (n,)
        Their score words.
    sample : WeightedSample
        Their weights and draws.
    """

    def with_error(row: AlgorithmRate) -> AlgorithmRate:
        target = row.cut.target_khz
        if target is None:
            return row
        near = near_threshold(words[row.cut.score], sample.weight, target, table.crossing_rate_khz)
        fired = np.asarray(decisions[row.algorithm.name], dtype=np.bool_)
        alone = Rate.of(sample.fraction(fired, near | fired), table.crossing_rate_khz)
        growth = alone.error_khz / row.alone.error_khz if row.alone.error_khz > 0 else 1.0
        after = replace(row.after_prescale, error_khz=row.after_prescale.error_khz * growth)
        return replace(row, alone=alone, after_prescale=after)

    return replace(table, rows=tuple(with_error(row) for row in table.rows))


def with_pileup_errors(table: RateTable, decisions: Decisions, sample: WeightedSample, draws: PoolDraws) -> RateTable:
    """`table` with what pileup drawn from a pool of few collisions adds to the errors of the rates alone and after prescale.

    Errors of pure and proportional rates and of totals stay as they are, as do upper limits.

    Parameters
    ----------
    table : RateTable
        Rates of the crossings.
    decisions : Decisions
        On the same crossings.
    sample : WeightedSample
        Their weights.
    draws : PoolDraws
        Their pileup.
    """
    fired = [np.asarray(decisions[row.algorithm.name], dtype=np.bool_) for row in table.rows]
    share = sample.weight / sample.total * table.crossing_rate_khz
    pulls = np.array([share * (passed - np.average(passed, weights=sample.weight)) for passed in fired])
    errors = pileup_errors(pulls, draws, draws.n_soft, draws.n_collisions)
    return replace(table, rows=tuple(_with_pileup(row, float(error)) for row, error in zip(table.rows, errors, strict=True)))


def _with_pileup(row: AlgorithmRate, error_khz: float) -> AlgorithmRate:
    if row.alone.is_upper_limit:
        return row
    alone = replace(row.alone, error_khz=hypot(row.alone.error_khz, error_khz))
    share = row.after_prescale.khz / row.alone.khz if row.alone.khz > 0 else 0.0
    after = replace(row.after_prescale, error_khz=hypot(row.after_prescale.error_khz, share * error_khz))
    return replace(row, alone=alone, after_prescale=after, pileup_error_khz=error_khz)
