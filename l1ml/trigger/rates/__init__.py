"""Rates: of each algorithm alone, pure and proportional, of their OR, their overlaps, and what prescale columns cost."""

from __future__ import annotations

from l1ml.trigger.rates.column_cost import ColumnCost, ColumnCosts
from l1ml.trigger.rates.column_tally import ColumnTally, column_costs
from l1ml.trigger.rates.overlap import Overlap
from l1ml.trigger.rates.rate import Rate
from l1ml.trigger.rates.rate_table import AlgorithmRate, RateTable
from l1ml.trigger.rates.rate_tally import RateTally, rate_table
from l1ml.trigger.rates.sample import WeightedFraction, WeightedSample

__all__ = [
    "AlgorithmRate",
    "ColumnCost",
    "ColumnCosts",
    "ColumnTally",
    "Overlap",
    "Rate",
    "RateTable",
    "RateTally",
    "WeightedFraction",
    "WeightedSample",
    "column_costs",
    "rate_table",
]
