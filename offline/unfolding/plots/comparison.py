"""Spectrum of one quantity before and after unfolding, with the ratio to truth or data below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from offline.unfolding.plots.panels import COLOURS, axes_or_new, axis_label, band, drawn, lower_panel, plain
from offline.unfolding.sample import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from offline.unfolding.diagnostics.comparison import Comparison

__all__ = ["ComparisonArtists", "plot_comparison"]

_LOOKS: Mapping[str, tuple[str, str]] = {
    "simulation": ("simulation, scaled", COLOURS[4]),
    "truth": ("truth", COLOURS[1]),
    "unfolded": ("unfolded", "black"),
    "folded": ("unfolded, folded back", COLOURS[0]),
    "data": ("data", "black"),
}
_POINTS = {"unfolded", "data"}


class ComparisonArtists(NamedTuple):
    """What `plot_comparison` drew."""

    ax: Axes
    ratio: Axes
    artists: dict[str, Any]


def plot_comparison(result: Mapping[str, Any] | Comparison, *, unit: str = "", ax: Axes | None = None) -> ComparisonArtists:
    """Yield per unit of the quantity; points carry the total error, the thick part of a bar that of the data alone.

    Parameters
    ----------
    result : mapping or Comparison
        Of one quantity at one level.
    unit : str
        Unit of the quantity; empty where it has none.
    ax : Axes, optional
        Where to draw; a new figure when absent. Its place is shared with the panel of ratios.
    """
    values = plain(result)
    ax = axes_or_new(ax)
    below = lower_panel(ax)
    edges = np.asarray(values["edges"])
    logarithmic = _spans_decades(values)
    widths = np.diff(edges)
    artists = {name: _draw(ax, name, edges, _over(series, widths), logarithmic) for name, series in values["series"].items()}
    _draw_ratios(below, values, edges)
    if logarithmic:
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0.0)
    ax.set_ylabel(f"yield per {unit or 'unit'}")
    ax.legend()
    below.set(xlim=(edges[0], edges[-1]), xlabel=axis_label(values["quantity"], values["level"], unit))
    below.set_ylabel("ratio to\n" + values["reference"])
    ax.figure.align_ylabels([ax, below])
    return ComparisonArtists(ax, below, artists)


def _spans_decades(values: Mapping[str, Any]) -> bool:
    """Whether the spectrum needs a logarithmic axis."""
    column = np.asarray(values["series"][values["reference"]]["values"]) / np.diff(values["edges"])
    return bool(column.max() > 100 * max(np.median(column), 1e-300) or column[-1] * 300 < column.max() < column[0] * 30)


def _over(series: Mapping[str, Any], widths: FloatArray) -> dict[str, FloatArray | None]:
    """Values and errors of a series divided by `widths`."""
    return {key: None if values is None else np.asarray(values) / widths for key, values in series.items()}


def _draw(ax: Axes, name: str, edges: FloatArray, series: Mapping[str, Any], logarithmic: bool) -> Any:
    """One series: points for what was measured, steps with a band for what was simulated."""
    label, colour = _LOOKS[name]
    values, errors = series["values"], series["errors"]
    if name in _POINTS:
        centres = 0.5 * (edges[1:] + edges[:-1])
        if series["inner"] is not None:
            ax.errorbar(centres, values, series["inner"], fmt="none", color=colour, elinewidth=3.5)
        return ax.errorbar(centres, values, errors, fmt="o", color=colour, markersize=5, elinewidth=1.2, label=label, zorder=3)
    low, high = (drawn(edge, logarithmic=logarithmic) for edge in (values - errors, values + errors))
    band(ax, edges, low, high, color=colour, alpha=0.3, linewidth=0)
    return ax.stairs(drawn(values, logarithmic=logarithmic), edges, color=colour, linewidth=1.8, label=label, baseline=None)


def _draw_ratios(ax: Axes, values: Mapping[str, Any], edges: FloatArray) -> None:
    """Everything over the reference, which is a line at one with its own error as a band."""
    reference = np.asarray(values["series"][values["reference"]]["values"])
    filled = np.where(reference > 0, reference, np.nan)
    spread = [0.0]
    for name, series in values["series"].items():
        ratios = _over(series, filled)
        _draw(ax, name, edges, ratios, logarithmic=False)
        ratio, error = np.asarray(ratios["values"]), np.asarray(ratios["errors"])
        known = np.isfinite(ratio) & (error < 0.5)
        if name != "simulation":  # it may leave the panel, whose point is the agreement of the others
            spread.extend((np.abs(ratio - 1) + error)[known])
    limit = float(np.clip(np.quantile(spread, 0.95) * 1.5, 0.05, 1.0))
    ax.axhline(1.0, color="grey", linewidth=0.8)
    ax.set_ylim(1 - limit, 1 + limit)
