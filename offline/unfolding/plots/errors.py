"""Relative error of each bin by its origin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml.errors import DataError
from offline.unfolding.plots.panels import axes_or_new, axis_label, kind_colours, kind_label, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import StepPatch

    from offline.unfolding.spectrum import Spectrum

__all__ = ["ErrorsArtists", "plot_errors"]


class ErrorsArtists(NamedTuple):
    """What `plot_errors` drew."""

    ax: Axes
    steps: dict[str, StepPatch]


def plot_errors(result: Mapping[str, Any] | Spectrum, *, unit: str = "", ax: Axes | None = None) -> ErrorsArtists:
    """One standard deviation of each kind, and of all added in quadrature, in percent of the yield.

    Parameters
    ----------
    result : mapping or Spectrum
        Of one quantity, with replicas.
    unit : str
        Unit of the quantity; empty where it has none.
    ax : Axes, optional
        Where to draw; a new figure when absent.

    Raises
    ------
    DataError
        If there are no replicas, or more than one quantity.
    """
    values = plain(result)
    if not values["errors"] or len(values["names"]) != 1:
        msg = f"errors are drawn of one quantity with replicas, received {values['names']} with {list(values['errors'])}"
        raise DataError(msg)
    ax = axes_or_new(ax)
    edges, yields = np.asarray(values["edges"][0]), np.asarray(values["values"])
    colours, steps = kind_colours(list(values["errors"])), {}
    for kind, errors in values["errors"].items():
        share = 100 * np.divide(errors, yields, out=np.full(yields.size, np.nan), where=yields > 0)
        width = 2.5 if kind == "total" else 1.8
        label = kind_label(kind) + ("" if np.any(errors) else " (none)")
        steps[kind] = ax.stairs(share, edges, color=colours[kind], linewidth=width, label=label, baseline=None)
    top = np.nanquantile(100 * np.asarray(values["errors"]["total"]) / np.where(yields > 0, yields, np.nan), 0.95)
    ax.set(xlim=(edges[0], edges[-1]), ylim=(0, 1.6 * top), xlabel=axis_label(values["names"][0], "gen", unit))
    ax.set_ylabel("error of the yield [%]")
    ax.legend(ncols=2)
    return ErrorsArtists(ax, steps)
