"""Triangular discriminators of all quantities, before and after unfolding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from offline.unfolding.plots.panels import COLOURS, axes_or_new, few_ticks, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

__all__ = ["DistancesArtists", "plot_closure", "plot_fold_back"]


class DistancesArtists(NamedTuple):
    """What was drawn."""

    ax: Axes
    before: Line2D
    after: Line2D


def plot_closure(result: Sequence[Any], *, ax: Axes | None = None) -> DistancesArtists:
    """Simulation and unfolded result against the truth.

    Parameters
    ----------
    result : sequence of mapping or Closure
        One entry per true quantity.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    rows = [plain(row) for row in result]
    pairs = [(row["before"]["triangular"], row["after"]["triangular"]) for row in rows]
    return _draw([row["quantity"] for row in rows], pairs, "simulation to truth", "unfolded to truth", ax)


def plot_fold_back(result: Sequence[Any], *, ax: Axes | None = None) -> DistancesArtists:
    """Simulation and folded result against the data.

    Parameters
    ----------
    result : sequence of mapping or FoldBack
        One entry per reconstructed quantity.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    rows = [plain(row) for row in result]
    after = "unfolded, folded back" if all(row["exact"] for row in rows) else "unfolded, folded back (by classifier)"
    pairs = [(row["before"], row["after"]) for row in rows]
    return _draw([row["quantity"] for row in rows], pairs, "simulation to data", after + ", to data", ax)


def _draw(names: Sequence[str], pairs: Sequence[tuple[Any, Any]], before: str, after: str, ax: Axes | None) -> DistancesArtists:
    """One line for each quantity: hollow before, filled after, and a bar for what statistics alone would give."""
    ax = axes_or_new(ax)
    places = list(range(len(names)))
    old, new = ([1e3 * pair[which]["value"] for pair in pairs] for which in (0, 1))
    floor = [1e3 * pair[1]["floor"] for pair in pairs]
    ax.hlines(places, new, old, color=COLOURS[4], linewidth=1.5, zorder=1)
    (hollow,) = ax.plot(old, places, "o", color=COLOURS[1], markerfacecolor="white", markersize=9, label=before)
    (filled,) = ax.plot(new, places, "o", color=COLOURS[0], markersize=9, label=after)
    ax.plot(floor, places, "|", color="black", markersize=18, markeredgewidth=2, label="statistics alone")
    ax.set(xscale="log", xlabel=r"triangular discriminator $\times 10^3$", yticks=places, yticklabels=list(names))
    ax.set_ylim(len(names) - 0.4, -0.6 - 0.35 * len(names))
    ax.set_xlim(0.5 * min(old + new + floor), 2 * max(old + new + floor))
    ax.tick_params(axis="y", which="both", length=0)
    few_ticks(ax)
    ax.legend(loc="upper left")
    return DistancesArtists(ax, hollow, filled)
