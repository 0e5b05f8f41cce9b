"""One figure per module: ``plot_*(result, *, ax=None)`` draws a value of `offline.calorimeter.judging`, or its ``to_dict``."""

from __future__ import annotations

from offline.calorimeter.judging.plots.histogram import plot_histogram
from offline.calorimeter.judging.plots.pareto import plot_pareto
from offline.calorimeter.judging.plots.profile import plot_profile
from offline.calorimeter.judging.plots.response import plot_response
from offline.calorimeter.judging.plots.rings import plot_ring_ratio, plot_rings
from offline.calorimeter.judging.plots.weights import plot_weights

__all__ = [
    "plot_histogram",
    "plot_pareto",
    "plot_profile",
    "plot_response",
    "plot_ring_ratio",
    "plot_rings",
    "plot_weights",
]
