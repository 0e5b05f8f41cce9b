"""The Global Trigger in software: conditions, algorithms, menus, and what they cost and keep."""

from __future__ import annotations

from l1ml.trigger.algorithm import Algorithm
from l1ml.trigger.condition import ObjectCondition, ScoreCondition, ScoreTarget
from l1ml.trigger.decisions import Decisions
from l1ml.trigger.efficiency import Efficiency, SignalEfficiency, efficiency, signal_efficiency
from l1ml.trigger.menu import CrossingRate, Menu
from l1ml.trigger.menu_file import read_menu, write_menu
from l1ml.trigger.rates import AlgorithmRate, Rate, RateTable, rate_table
from l1ml.trigger.roc import RocCurve, roc_curve
from l1ml.trigger.sample import WeightedFraction, WeightedSample
from l1ml.trigger.study import ZERO_BIAS, MenuStudy, study
from l1ml.trigger.thresholds import threshold_at_rate
from l1ml.trigger.turn_on import TurnOn, turn_on

__all__ = [
    "ZERO_BIAS",
    "Algorithm",
    "AlgorithmRate",
    "CrossingRate",
    "Decisions",
    "Efficiency",
    "Menu",
    "MenuStudy",
    "ObjectCondition",
    "Rate",
    "RateTable",
    "RocCurve",
    "ScoreCondition",
    "ScoreTarget",
    "SignalEfficiency",
    "TurnOn",
    "WeightedFraction",
    "WeightedSample",
    "efficiency",
    "rate_table",
    "read_menu",
    "roc_curve",
    "signal_efficiency",
    "study",
    "threshold_at_rate",
    "turn_on",
    "write_menu",
]
