"""What each iteration changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from l1ml._optional import require
from offline.unfolding.plots.panels import COLOURS, axes_or_new, few_ticks, lower_panel, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from offline.unfolding.diagnostics.convergence import Convergence

__all__ = ["ConvergenceArtists", "plot_convergence"]


class ConvergenceArtists(NamedTuple):
    """What `plot_convergence` drew."""

    ax: Axes
    below: Axes
    changes: dict[str, Line2D]


def plot_convergence(result: Mapping[str, Any] | Convergence, *, ax: Axes | None = None) -> ConvergenceArtists:
    """Above: how far an iteration moves each true quantity. Below: how well the folded result describes the data, and the truth.

    Parameters
    ----------
    result : mapping or Convergence
        Of a method with iterations.
    ax : Axes, optional
        Where to draw; a new figure when absent. Its place is shared by both panels.
    """
    values = plain(result)
    ax = axes_or_new(ax)
    below = lower_panel(ax, 1.0)
    steps = range(1, len(values["total"]) + 1)
    changes = {}
    for index, (name, row) in enumerate(values["change"].items()):
        (changes[name],) = ax.plot(steps, row, "o-", color=COLOURS[index % len(COLOURS)], label=name)
    for index, (name, row) in enumerate(values["fold_back"].items()):
        colour = COLOURS[index % len(COLOURS)]
        below.plot(steps, row, "o-", color=colour, label="folded to data" if index == 0 else None)
        floor = values["fold_back_floor"][name]
        below.axhline(floor, color=colour, linestyle=":", label="statistics alone" if index == 0 else None)
    for index, row in enumerate((values["truth"] or {}).values()):
        colour = COLOURS[index % len(COLOURS)]
        below.plot(steps, row, "s--", color=colour, markerfacecolor="white", label="unfolded to truth" if index == 0 else None)
    ax.set(yscale="log", ylabel="Wasserstein distance to the\niteration before [prior s.d.]")
    below.set(yscale="log", xlabel="iteration", ylabel="triangular\ndiscriminator")
    below.xaxis.set_major_locator(require("matplotlib.ticker").MaxNLocator(integer=True))
    few_ticks(below)
    ax.legend(ncols=2)
    low, high = below.get_ylim()
    below.set_ylim(low, high * (high / low) ** 0.45)  # room for the legend above the lines
    below.legend(loc="upper right", ncols=2)
    return ConvergenceArtists(ax, below, changes)
