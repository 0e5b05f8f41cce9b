"""A bump above its background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml.reporting.plots.appearance import COLOURS, axes_or_new, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer
    from matplotlib.lines import Line2D

__all__ = ["BumpArtists", "plot_bump"]


class BumpArtists(NamedTuple):
    """What `plot_bump` drew."""

    ax: Axes
    excess: ErrorbarContainer
    zero: Line2D


def plot_bump(result: Mapping[str, Any], *, ax: Axes | None = None) -> BumpArtists:
    """What a flow has above the fitted background, in each bin in units of the root of the background: signal stands out.

    Parameters
    ----------
    result : mapping or FlowHunt
        Bars are the scatter of the members; the window is shaded.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    values = plain(result)
    edges, counts, errors, background = (np.asarray(values[key]) for key in ("edges", "counts", "errors", "background"))
    ax = axes_or_new(ax)
    ax.axvspan(*values["window"], color=COLOURS[4], alpha=0.3)
    root = np.sqrt(background)
    middle, half = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
    excess = ax.errorbar(
        middle, (counts - background) / root, yerr=errors / root, xerr=half, fmt=".", color=COLOURS[0], label="flow of all events"
    )
    zero = ax.axhline(0.0, color=COLOURS[1], label="fit beside the window")
    ax.set(xlabel=values["quantity"], ylabel="excess / root of the background", xlim=(edges[0], edges[-1]))
    ax.legend(loc="upper right", title=f"significance {values['bump']['significance']:.1f}")
    return BumpArtists(ax, excess, zero)
