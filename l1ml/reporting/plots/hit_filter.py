"""Background hits that a filter keeps against those of tracks, and what the number of neighbours tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from l1ml.reporting.plots.appearance import COLOURS, axes_or_new
from l1ml.reporting.plots.classes import ClassesArtists, plot_classes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_hit_filter"]


def plot_hit_filter(result: Mapping[str, Any], *, ax: Axes | None = None) -> ClassesArtists:
    """The curve of `plot_classes` for hits, from where half of those of tracks are kept.

    Parameters
    ----------
    result : mapping
        ``report["filtering"]``: `classes` with one class, and `counting`: neighbours asked for, and the shares that this keeps.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    artists = plot_classes(result, ax=axes_or_new(ax))
    counting = result["counting"]
    shares = [[counting[kind]["efficiency"]] for kind in ("signal", "background")]
    label = f"{counting['threshold']} neighbours or more, no score"
    artists.ax.plot(*shares, "s", color=COLOURS[1], markersize=11, label=label)
    artists.ax.set(xlim=(0.5, 1.0), ylim=(0.02, 1.0), xlabel="hits of tracks kept", ylabel="background hits kept")
    artists.ax.legend(loc="upper left")
    return artists
