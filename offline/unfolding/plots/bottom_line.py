"""Power to reject a model before and after unfolding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from offline.unfolding.plots.panels import COLOURS, axes_or_new, few_ticks, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

__all__ = ["BottomLineArtists", "plot_bottom_line"]


class BottomLineArtists(NamedTuple):
    """What `plot_bottom_line` drew."""

    ax: Axes
    measured: Line2D
    unfolded: Line2D


def plot_bottom_line(result: Sequence[Any], *, ax: Axes | None = None) -> BottomLineArtists:
    """Chi-square of the simulation against data and against unfolded data, with the errors of the data; the latter must be left.

    Parameters
    ----------
    result : sequence of mapping or BottomLine
        One entry per quantity.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    rows = [plain(row) for row in result]
    ax = axes_or_new(ax)
    places = list(range(len(rows)))
    values = {level: [row[level]["value"] for row in rows] for level in ("measured", "unfolded")}
    for place, row in zip(places, rows, strict=True):
        colour = COLOURS[4] if row["passed"] else COLOURS[1]
        ax.hlines(place, row["measured"]["value"], row["unfolded"]["value"], color=colour, linewidth=2, zorder=1)
    (measured,) = ax.plot(values["measured"], places, "o", color="black", markersize=9, label="data to simulation")
    (unfolded,) = ax.plot(values["unfolded"], places, "o", color=COLOURS[0], markersize=9, label="unfolded to simulation")
    labels = [f"{row['gen']}: {'passed' if row['passed'] else 'failed'}\n$p$ = {row['unfolded']['p']:.1g}" for row in rows]
    bins = sorted({row[level]["ndf"] for row in rows for level in values})
    ax.set(xlabel=rf"$\chi^2$ of {' to '.join(map(str, bins[:: max(1, len(bins) - 1)]))} bins, errors of the data")
    ax.set(yticks=places, yticklabels=labels)
    ax.set_ylim(len(rows) - 0.4, -0.6 - 0.3 * len(rows))
    numbers = values["measured"] + values["unfolded"]
    wide = max(numbers) > 20 * min(numbers)
    ax.set_xlim(0.3 * min(numbers) if wide else 0.0, (3 if wide else 1.2) * max(numbers))
    ax.set_xscale("log" if wide else "linear")
    ax.tick_params(axis="y", which="both", length=0)
    few_ticks(ax)
    ax.legend(loc="upper left")
    return BottomLineArtists(ax, measured, unfolded)
