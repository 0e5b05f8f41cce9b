"""Whether the simulator describes what was observed: predicted statistics, distance from simulations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from l1ml.reporting.plots.appearance import COLOURS, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from offline.inference.diagnostics import Misspecification, Predictive

__all__ = ["plot_misspecification", "plot_predictive"]


def plot_predictive(result: Predictive, *, ax: Axes | None = None) -> Axes:
    """Each statistic in units of its predicted spread, with the intervals that hold 68 % and 95 % of the replicas."""
    ax = axes_or_new(ax)
    centre = np.median(result.replicas, axis=0)
    spread = np.where((sd := result.replicas.std(axis=0)) > 0, sd, 1.0)
    scaled, places = (result.replicas - centre) / spread, np.arange(len(result.observed))
    for share, alpha in ((0.954, 0.25), (0.683, 0.5)):
        low, high = np.quantile(scaled, [(1 - share) / 2, (1 + share) / 2], axis=0)
        ax.bar(places, high - low, 0.6, low, color=COLOURS[0], alpha=alpha, label=f"{share:.1%} of replicas")
    ax.plot(places, (result.observed - centre) / spread, "o", color="black", label=f"observed, p = {result.p_value:.2g}")
    ax.set_xticks(places)
    ax.set_xlabel("statistic")
    ax.set_ylabel("distance from the median in predicted sd")
    ax.legend()
    return ax


def plot_misspecification(result: Misspecification, *, ax: Axes | None = None) -> Axes:
    """Distance of the observations among those of permutations."""
    ax = axes_or_new(ax)
    ax.hist(result.permuted, 40, color=COLOURS[0], alpha=0.6, label="simulations")
    ax.axvline(result.distance, color=COLOURS[1], label=f"observed, p = {result.p_value:.2g}")
    ax.set_xlabel("squared maximum mean discrepancy")
    ax.set_ylabel("permutations")
    ax.legend()
    return ax
