"""One figure per module: ``plot_*(result, *, ax=None)`` draws an entry of report.json and returns what it drew."""

from __future__ import annotations

from l1ml.reporting.plots.bump import plot_bump
from l1ml.reporting.plots.classes import plot_classes
from l1ml.reporting.plots.closure import plot_closure
from l1ml.reporting.plots.distribution import plot_distribution
from l1ml.reporting.plots.hit_filter import plot_hit_filter
from l1ml.reporting.plots.importance import plot_importance
from l1ml.reporting.plots.leaderboard import plot_leaderboard
from l1ml.reporting.plots.loss import plot_loss
from l1ml.reporting.plots.pareto import plot_pareto
from l1ml.reporting.plots.rate import plot_rate
from l1ml.reporting.plots.resources import plot_resources
from l1ml.reporting.plots.roc import plot_roc
from l1ml.reporting.plots.score import plot_score
from l1ml.reporting.plots.stability import plot_stability
from l1ml.reporting.plots.turn_on import plot_turn_on
from l1ml.reporting.plots.working_points import plot_working_points

__all__ = [
    "plot_bump",
    "plot_classes",
    "plot_closure",
    "plot_distribution",
    "plot_hit_filter",
    "plot_importance",
    "plot_leaderboard",
    "plot_loss",
    "plot_pareto",
    "plot_rate",
    "plot_resources",
    "plot_roc",
    "plot_score",
    "plot_stability",
    "plot_turn_on",
    "plot_working_points",
]
