"""Rates of a menu on one sample of zero bias."""

from __future__ import annotations

from collections.abc import Mapping

from l1ml.errors import DataError
from l1ml.hardware.fixed_point import FixedPoint
from l1ml.trigger.decisions import Decisions
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.rate import Rate
from l1ml.trigger.rate_table import AlgorithmRate, RateTable
from l1ml.trigger.rate_tally import RateTally
from l1ml.trigger.sample import WeightedSample

__all__ = ["AlgorithmRate", "Rate", "RateTable", "rate_table"]


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
