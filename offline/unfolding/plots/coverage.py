"""How often intervals hold the truth, and the pulls behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from offline.unfolding.plots.panels import COLOURS, axes_or_new, few_ticks, lower_panel, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer

    from offline.unfolding.diagnostics.coverage import Coverage

__all__ = ["CoverageArtists", "plot_coverage"]


class CoverageArtists(NamedTuple):
    """What `plot_coverage` drew."""

    ax: Axes
    pulls: Axes
    points: ErrorbarContainer


def plot_coverage(result: Mapping[str, Any] | Coverage, *, ax: Axes | None = None) -> CoverageArtists:
    """Above: share of toys whose interval holds the truth. Below: mean and standard deviation of the pulls, best 0 and 1.

    Parameters
    ----------
    result : mapping or Coverage
        Over toys.
    ax : Axes, optional
        Where to draw; a new figure when absent. Its place is shared by both panels.
    """
    values = plain(result)
    ax = axes_or_new(ax)
    below = lower_panel(ax, 0.7)
    rows, expected, toys = list(values["quantities"].values()), values["expected"], values["n_toys"]
    places = np.arange(len(rows))
    shares = np.array([row["coverage"] for row in rows])
    bars = np.abs(np.array([row["interval"] for row in rows]).T - shares)
    spread = np.sqrt(expected * (1 - expected) / toys)
    ax.axhspan(expected - spread, expected + spread, color=COLOURS[4], alpha=0.3, label=f"{expected:.1%} of {toys} toys")
    points = ax.errorbar(places, shares, bars, fmt="o", color=COLOURS[0], markersize=8, capsize=3)
    pulls = np.array([row["pulls"] for row in rows])
    below.axhspan(-1, 1, color=COLOURS[4], alpha=0.3)
    below.axhline(0, color="grey", linewidth=0.8)
    below.errorbar(places, pulls.mean(axis=1), pulls.std(axis=1, ddof=1), fmt="o", color=COLOURS[0], markersize=8, capsize=3)
    reach = 1.2 * float((np.abs(pulls.mean(axis=1)) + pulls.std(axis=1, ddof=1)).max(initial=1.2))
    ax.set(ylim=(0, 1.15), ylabel="coverage")
    ax.legend(loc="lower right")
    below.set(ylim=(-reach, reach), xlim=(-0.6, len(rows) - 0.4), ylabel="pull: mean\nand s.d.")
    below.set_xticks(places, list(values["quantities"]), rotation=30 if len(rows) > 4 else 0)
    few_ticks(ax)
    few_ticks(below)
    return CoverageArtists(ax, below, points)
