"""Score of the designs of a scan against what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml.reporting.plots.appearance import COLOURS, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer
    from matplotlib.lines import Line2D

__all__ = ["ParetoArtists", "plot_pareto"]

_MARKERS = "osD^vPX*"


class ParetoArtists(NamedTuple):
    """What `plot_pareto` drew."""

    ax: Axes
    points: list[ErrorbarContainer]
    front: Line2D


def plot_pareto(result: Mapping[str, Any], cost: str, *, ax: Axes | None = None) -> ParetoArtists:
    """Score against `cost`: colours are weight bits, markers hidden widths, filled points are on the front.

    Parameters
    ----------
    result : mapping
        Content of ``scan.json``.
    cost : {"lut", "latency_ns", "yosys_lut"}
        Horizontal axis.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    ax = axes_or_new(ax)
    # designs that are beaten first, so that a better one at the same place stays visible
    rows = sorted((row for row in result["designs"] if row.get(cost) is not None), key=lambda row: bool(row["pareto"]))
    bits, shapes = (sorted({row[name] for row in rows}) for name in ("weight_bits", "hidden"))
    points = [
        _point(ax, row, cost, COLOURS[bits.index(row["weight_bits"])], _MARKERS[shapes.index(row["hidden"])]) for row in rows
    ]
    larger = result["scan"]["score"] == "efficiency"
    x, y = _front(rows, cost, larger=larger)
    (front,) = ax.plot(
        x, y, color="#717581", linestyle="--", linewidth=1.5, drawstyle="steps-post", zorder=1, label="best at this cost"
    )
    for value in bits:
        ax.plot([], [], "o", color=COLOURS[bits.index(value)], label=f"{value} bit weights")
    for shape in shapes:
        ax.plot([], [], _MARKERS[shapes.index(shape)], color="grey", label=f"hidden {shape}")
    ax.plot([], [], "o", color="grey", markerfacecolor="white", label="another one is better")
    name = f"mean signal efficiency at {result['scan']['rate_khz']:g} kHz" if larger else "validation loss"
    ax.set(xlabel=_label(rows, cost), ylabel=name)
    return ParetoArtists(ax, points, front)


def _label(rows: list[Mapping[str, Any]], cost: str) -> str:
    """What is counted by which tool; an estimate with its spread."""
    if cost == "latency_ns":
        return "latency [ns]"
    if cost == "yosys_lut":
        return "LUT (Yosys, not Vivado)"
    return next((f"LUT ({row['lut_tool']},\n{row['lut_spread']})" for row in rows), "LUT")


def _point(ax: Axes, row: Mapping[str, Any], cost: str, colour: str, marker: str) -> ErrorbarContainer:
    """One design; hollow where another one is better in everything."""
    face = colour if row["pareto"] else "white"
    error = row.get("score_error")
    bar: ErrorbarContainer = ax.errorbar(
        row[cost], row["score"], yerr=error, fmt=marker, color=colour, markerfacecolor=face, markersize=10, elinewidth=1.2
    )
    return bar


def _front(rows: list[Mapping[str, Any]], cost: str, *, larger: bool) -> tuple[Any, Any]:
    """Best score that each cost buys, for costs in rising order."""
    order = sorted(rows, key=lambda row: float(row[cost]))
    best = (np.maximum if larger else np.minimum).accumulate([row["score"] for row in order]) if order else np.array([])
    return np.array([row[cost] for row in order]), best
