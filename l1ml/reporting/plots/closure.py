"""How well two scores of a network estimate their own background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from l1ml.reporting.plots.appearance import axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer

__all__ = ["ClosureArtists", "plot_closure"]


class ClosureArtists(NamedTuple):
    """What `plot_closure` drew."""

    ax: Axes
    closure: ErrorbarContainer


def plot_closure(result: Mapping[str, Any], *, ax: Axes | None = None) -> ClosureArtists:
    """Closure against the share of zero bias in A.

    Parameters
    ----------
    result : mapping
        ``report["evaluation"]["background"]``.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    ax = axes_or_new(ax)
    efficiency, closure, error = ([row[key] for row in result["rows"]] for key in ("efficiency", "closure", "closure_error"))
    percents = [100.0 * value for value in efficiency]
    points = ax.errorbar(percents, closure, yerr=error, fmt="o-", markersize=9)
    ax.axhline(1.0, color="grey", linestyle=":", linewidth=1.5)
    ax.set(xscale="log", xlabel="zero bias in A [%]", ylabel=r"$N_A N_D\,/\,(N_B N_C)$")
    ax.set_xticks(percents, [f"{value:.2g}" for value in percents])
    ax.set_xticks([], minor=True)
    return ClosureArtists(ax, points)
