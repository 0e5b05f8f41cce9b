"""Distribution of one field of the trigger objects over zero bias and signals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml.reporting.plots.appearance import axes_or_new, plain, process_colours, process_label, with_unit
from l1ml.trigger.study import ZERO_BIAS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import StepPatch

__all__ = ["DistributionArtists", "draw_steps", "plot_distribution"]


class DistributionArtists(NamedTuple):
    """What `plot_distribution` drew."""

    ax: Axes
    steps: dict[str, StepPatch]


def plot_distribution(result: Mapping[str, Any], *, ax: Axes | None = None) -> DistributionArtists:
    """Mean number of objects of a crossing in each bin of one field, logarithmic.

    Parameters
    ----------
    result : mapping or Distribution
        Entry of ``report["feature_distributions"]``.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    values = plain(result)
    ax = axes_or_new(ax)
    steps = draw_steps(ax, values)
    ylabel = "objects per crossing" if values["per"] == "object" else "fraction of crossings"
    label = with_unit(values["quantity"], values["unit"])
    ax.set(xlim=(values["edges"][0], values["edges"][-1]), xlabel=label, ylabel=f"{ylabel} per bin")
    if _is_flat(values):
        ax.set_ylim(0.0, 1.4 * max(max(column) for column in values["values"].values()))
    else:
        ax.set_yscale("log")
    return DistributionArtists(ax, steps)


def _is_flat(values: Mapping[str, Any]) -> bool:
    """Whether the background varies too little for a logarithmic axis; an angle does."""
    column = next(iter(values["values"].values()))
    return bool(min(column) > max(column) / 10.0)


def draw_steps(ax: Axes, values: Mapping[str, Any]) -> dict[str, StepPatch]:
    """One histogram for each process with its error band; zero bias is filled."""
    colours = process_colours(values["values"])
    edges = np.asarray(values["edges"])
    steps = {}
    for name, column in values["values"].items():
        filled: dict[str, Any] = {"fill": True, "alpha": 0.3} if name == ZERO_BIAS else {"linewidth": 2.0}
        steps[name] = ax.stairs(_drawn(column), edges, color=colours[name], label=process_label(name), **filled)
        low, high = np.subtract(column, values["errors"][name]), np.add(column, values["errors"][name])
        ax.stairs(_drawn(high), edges, baseline=_drawn(low), fill=True, color=colours[name], alpha=0.2)
    return steps


def _drawn(column: Any) -> Any:
    """Values that a logarithmic axis can show: nothing at or below zero."""
    values = np.asarray(column, dtype=np.float64)
    return np.where(values > 0, values, np.nan)
