"""One figure per module: ``plot_*(result, *, ax=None)`` draws a value of `offline.unfolding`, or its ``to_dict``."""

from __future__ import annotations

from offline.unfolding.plots.bottom_line import plot_bottom_line
from offline.unfolding.plots.comparison import plot_comparison
from offline.unfolding.plots.convergence import plot_convergence
from offline.unfolding.plots.correlation import plot_correlation
from offline.unfolding.plots.coverage import plot_coverage
from offline.unfolding.plots.distances import plot_closure, plot_fold_back
from offline.unfolding.plots.ensemble import plot_ensemble
from offline.unfolding.plots.errors import plot_errors
from offline.unfolding.plots.weights import plot_weights

__all__ = [
    "plot_bottom_line",
    "plot_closure",
    "plot_comparison",
    "plot_convergence",
    "plot_correlation",
    "plot_coverage",
    "plot_ensemble",
    "plot_errors",
    "plot_fold_back",
    "plot_weights",
]
