"""Quality against time, among published generators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from offline.calorimeter.judging.plots.steps import GENERATED
from offline.unfolding.plots.panels import axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from offline.calorimeter.judging.published import Submission

__all__ = ["ParetoArtists", "plot_pareto"]


class ParetoArtists(NamedTuple):
    """What `plot_pareto` drew."""

    ax: Axes
    shown: tuple[str, ...]


def plot_pareto(
    submissions: Sequence[Submission], own: tuple[float, float] | None = None, *, ax: Axes | None = None
) -> ParetoArtists:
    """AUC of features against processor time for a shower at batch 100; better is lower and further left.

    Parameters
    ----------
    submissions : sequence of Submission
        Published ones; those without either number are left out.
    own : tuple of float, optional
        Time in ms and AUC of what is judged.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    ax = axes_or_new(ax)
    found = ((each.name, each.cpu_ms, each.auc_high) for each in submissions)
    places = {name: (time, auc) for name, time, auc in found if time is not None and auc is not None}
    for name, place in places.items():
        ax.plot([place[0]], [place[1]], "o", color="grey", markersize=6)
        ax.annotate(name, place, xytext=(4, 4), textcoords="offset points", fontsize=11)
    if own is not None:
        ax.plot([own[0]], [own[1]], "*", color=GENERATED, markersize=18, label="judged here")
        ax.legend()
    ax.margins(x=0.15)  # for the names
    ax.set(xscale="log", ylim=(0.48, 1.02), xlabel="time for a shower on CPU, batch 100 [ms]", ylabel="AUC, features")
    return ParetoArtists(ax, tuple(places))
