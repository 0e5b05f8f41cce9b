"""Signal efficiency against the zero-bias rate that a seed may cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml.reporting.formatting import with_error
from l1ml.reporting.plots.appearance import axes_or_new, process_colours, process_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer
    from matplotlib.lines import Line2D

__all__ = ["WorkingPointArtists", "plot_working_points"]

_LEAST_PERCENT = 0.02
"""Below, a curve on a logarithmic axis says nothing: one crossing of a few thousand."""

_TICKS_PERCENT = (0.1, 1.0, 10.0, 100.0)

_LEGEND_HEIGHT = 25.0
"""Room for the legend above 100 %, as a factor."""


class WorkingPointArtists(NamedTuple):
    """What `plot_working_points` drew."""

    ax: Axes
    curves: dict[str, Line2D]
    pure: dict[str, Line2D]
    points: list[ErrorbarContainer]


def plot_working_points(result: Mapping[str, Any], *, ax: Axes | None = None) -> WorkingPointArtists:
    """Efficiency of each signal, and what of it no classical seed keeps, against the zero-bias rate; both logarithmic.

    Parameters
    ----------
    result : mapping or ScorePerformance
        Entry of ``report["evaluation"]["scores"]``: `curve`, `working_points`, `areas`.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    ax = axes_or_new(ax)
    colours = process_colours(result["areas"])
    curves, pure, points = {}, {}, []
    for signal, area in result["areas"].items():
        label = f"{process_label(signal)}, AUC {with_error(area['area'], area['error'])}"
        options: dict[str, Any] = {"color": colours[signal]}
        rate, *alone = _columns(result["curve"], signal)
        (curves[signal],) = ax.plot(rate, alone[0], label=label, **options)
        ax.fill_between(rate, alone[1], alone[2], alpha=0.25, linewidth=0.0, **options)
        (pure[signal],) = ax.plot(rate, _pure(result["curve"], signal), linestyle="--", linewidth=1.5, **options)
        points += [_point(ax, point, signal, colours[signal]) for point in result["working_points"]]
    ax.plot([], [], linestyle="--", color="grey", linewidth=1.5, label="no classical seed fires")
    ax.errorbar([], [], xerr=[], yerr=[], fmt="o", color="grey", markeredgecolor="white", label="working points, all errors")
    ax.axhline(100.0, color="grey", linestyle=":", linewidth=1.0)
    ax.set(xscale="log", yscale="log", ylim=(_LEAST_PERCENT, 100.0 * _LEGEND_HEIGHT))
    ax.set(xlabel="zero-bias rate of the seed [kHz]", ylabel="signal efficiency [%]")
    ax.set_yticks(_TICKS_PERCENT, [f"{tick:g}" for tick in _TICKS_PERCENT])
    ax.tick_params(axis="y", which="minor", left=False, right=False)
    ax.legend(loc="upper left", fontsize="small")
    return WorkingPointArtists(ax, curves, pure, points)


def _columns(points: list[Mapping[str, Any]], signal: str) -> list[Any]:
    """Rate, efficiency and the ends of its band: both errors in quadrature, in per cent."""
    rows = [(point["rate_khz"], *_with_errors(point["signals"][signal])) for point in points]
    rate, value, down, up = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    return [rate, *(np.maximum(item, _LEAST_PERCENT / 2.0) for item in (value, value - down, value + up))]


def _with_errors(item: Mapping[str, Any]) -> tuple[float, float, float]:
    """Efficiency and its error down and up in per cent, signal and threshold in quadrature."""
    value = 100.0 * item["efficiency"]
    down, up = (float(np.hypot(100.0 * item[key] - value, 100.0 * item[f"threshold_{key}"] - value)) for key in ("low", "high"))
    return value, down, up


def _pure(points: list[Mapping[str, Any]], signal: str) -> Any:
    """Efficiency on top of the classical seeds in per cent; nothing is drawn where it is zero."""
    values = np.array([100.0 * point["signals"][signal]["on_top"]["efficiency"] for point in points])
    return np.where(values > 0, values, np.nan)


def _point(ax: Axes, point: Mapping[str, Any], signal: str, colour: str) -> ErrorbarContainer:
    value, down, up = _with_errors(point["signals"][signal])
    errors: dict[str, Any] = {"xerr": point["rate_error_khz"], "yerr": [[min(down, value * 0.999)], [up]]}
    return ax.errorbar(point["rate_khz"], value, **errors, fmt="o", color=colour, markersize=9, markeredgecolor="white")
