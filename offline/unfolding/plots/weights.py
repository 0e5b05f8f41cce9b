"""Distribution of the unfolded weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from offline.unfolding.plots.panels import COLOURS, axes_or_new, few_ticks, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import StepPatch

    from offline.unfolding.diagnostics.weight_quality import WeightQuality

__all__ = ["WeightsArtists", "plot_weights"]


class WeightsArtists(NamedTuple):
    """What `plot_weights` drew."""

    ax: Axes
    steps: StepPatch


def plot_weights(result: Mapping[str, Any] | WeightQuality, *, ax: Axes | None = None) -> WeightsArtists:
    """Events against weight over mean weight, both logarithmic, with what few heavy events would show in figures.

    Parameters
    ----------
    result : mapping or WeightQuality
        Of the unfolded events.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    values = plain(result)
    ax = axes_or_new(ax)
    edges, counts = np.asarray(values["edges"]), np.asarray(values["counts"])
    steps = ax.stairs(counts, edges, fill=True, color=COLOURS[0], alpha=0.5)
    ax.axvline(1.0, color="grey", linestyle=":")
    filled = np.flatnonzero(counts)
    first, last = (edges[filled[0]], edges[filled[-1] + 1]) if filled.size else (edges[0], edges[-1])
    ax.set(xscale="log", yscale="log", xlabel="weight / mean weight", ylabel="events")
    ax.set(xlim=(min(first / 2, 0.2), max(last * 2, 5.0)), ylim=(0.5, 30 * max(counts.max(), 1)))
    few_ticks(ax)
    text = (
        f"{values['n']:,} events, effectively {values['effective']:,.0f} ({values['effective'] / values['n']:.0%})\n"
        f"largest weight {100 * values['largest']:.2g} % of the total\n"
        f"heaviest 1 % of the events {100 * values['largest_percent']:.2g} % of the total\n"
        f"zero: {values['zero']:,}   negative: {values['negative']:,}"
    )
    ax.text(0.03, 0.97, text, transform=ax.transAxes, va="top", fontsize="small")
    return WeightsArtists(ax, steps)
