"""The Global Trigger in software: conditions, algorithms, menus, and what they cost and keep."""

from __future__ import annotations

from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.decisions import Decisions, FinalDecisionLogic, decide
from l1ml.trigger.efficiency import Efficiency, SignalEfficiency, efficiency, signal_efficiency
from l1ml.trigger.menus.algorithm import Algorithm
from l1ml.trigger.menus.crossing_rate import CrossingRate
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.prescale import Prescale
from l1ml.trigger.menus.reader import read_menu
from l1ml.trigger.menus.toml_menu import write_toml_menu
from l1ml.trigger.rates import (
    AlgorithmRate,
    ColumnTally,
    Overlap,
    Rate,
    RateTable,
    RateTally,
    WeightedFraction,
    WeightedSample,
    column_costs,
    rate_table,
)
from l1ml.trigger.roc import RocCurve, roc_curve
from l1ml.trigger.study import ZERO_BIAS, MenuStudy, study
from l1ml.trigger.thresholds import resolve_thresholds, threshold_at_rate
from l1ml.trigger.turn_on import TurnOn, turn_on

__all__ = [
    "ZERO_BIAS",
    "Algorithm",
    "AlgorithmRate",
    "ColumnTally",
    "Columns",
    "CrossingRate",
    "Decisions",
    "Efficiency",
    "FinalDecisionLogic",
    "Menu",
    "MenuStudy",
    "Overlap",
    "Prescale",
    "Rate",
    "RateTable",
    "RateTally",
    "RocCurve",
    "SignalEfficiency",
    "TurnOn",
    "WeightedFraction",
    "WeightedSample",
    "column_costs",
    "decide",
    "efficiency",
    "rate_table",
    "read_menu",
    "resolve_thresholds",
    "roc_curve",
    "signal_efficiency",
    "study",
    "threshold_at_rate",
    "turn_on",
    "write_toml_menu",
]
