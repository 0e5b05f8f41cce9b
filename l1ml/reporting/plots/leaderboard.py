"""What the models of a leaderboard are worth against the logic that they take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml.reporting.plots.appearance import COLOURS, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer
    from matplotlib.lines import Line2D

__all__ = ["LeaderboardArtists", "plot_leaderboard"]

_SHIPPED = "shipped"


class LeaderboardArtists(NamedTuple):
    """What `plot_leaderboard` drew: points by model, variant and figure, a line for each in floats, the front."""

    ax: Axes
    points: dict[tuple[str, str, str], ErrorbarContainer]
    floats: dict[tuple[str, str], Line2D]
    front: Line2D


class _Point(NamedTuple):
    """One score of one row, in per cent."""

    row: Mapping[str, Any]
    name: str
    value: float
    error: float

    @property
    def model(self) -> str:
        return str(self.row["model"])

    @property
    def lut(self) -> float:
        return float(self.row["counts"][-1]["lut"])

    @property
    def is_estimate(self) -> bool:
        return bool(self.row["counts"][-1]["stage"] == "estimate")


def plot_leaderboard(result: Mapping[str, Any], figure: str, *, ax: Axes | None = None) -> LeaderboardArtists:
    """`figure` against LUT: a colour for each model, filled where shipped, hollow where not; floats are a line, having no LUT.

    Parameters
    ----------
    result : mapping
        What ``l1ml leaderboard --json`` prints.
    figure : str
        Name of one of the figures of its rows, such as "accuracy", without the name of a score before it.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    ax = axes_or_new(ax)
    found = [item for row in result["rows"] for item in _points_of(row, figure)]
    colours = dict(zip(dict.fromkeys(row["model"] for row in result["rows"]), COLOURS, strict=False))
    placed = [item for item in found if item.row["counts"]]
    points = {(item.model, item.row["variant"], item.name): _draw(ax, item, colours[item.model]) for item in placed}
    floats = {
        (item.model, item.name): ax.axhline(item.value, color=colours[item.model], linestyle=":", linewidth=1.5)
        for item in found
        if not item.row["counts"]
    }
    for model, name in dict.fromkeys((item.model, item.name) for item in placed):
        own = sorted((item for item in placed if (item.model, item.name) == (model, name)), key=lambda item: item.lut)
        x, y = [item.lut for item in own], [item.value for item in own]
        ax.plot(x, y, color=colours[model], linewidth=1.0, alpha=0.5, zorder=1)
    for model in dict.fromkeys(item.model for item in placed):
        ax.plot([], [], "o", color=colours[model], label=model)
    front = _front(ax, placed)
    ax.plot([], [], "o", color="grey", markerfacecolor="white", label="plain 8 bits")
    ax.plot([], [], linestyle=":", color="grey", label="in floats")
    ax.set(xlabel=_cost(placed), ylabel=f"{figure} [%]", xscale="log")
    return LeaderboardArtists(ax, points, floats, front)


def _points_of(row: Mapping[str, Any], figure: str) -> list[_Point]:
    """The figure of each score of a row."""
    chosen = {name: item for name, item in row["figures"].items() if name.split(": ")[-1] == figure}
    return [_Point(row, name, 100.0 * item["value"], 100.0 * item["error"]) for name, item in chosen.items()]


def _draw(ax: Axes, item: _Point, colour: str) -> ErrorbarContainer:
    """One point; a square where its LUT are an estimate."""
    style: dict[str, Any] = {"color": colour, "markersize": 10, "elinewidth": 1.2}
    style["markerfacecolor"] = colour if item.row["variant"] == _SHIPPED else "white"
    bar: ErrorbarContainer = ax.errorbar(item.lut, item.value, yerr=item.error, fmt="s" if item.is_estimate else "o", **style)
    return bar


def _front(ax: Axes, points: Sequence[_Point]) -> Line2D:
    """Best value that each number of LUT buys."""
    ordered = sorted(points, key=lambda item: item.lut)
    best = np.maximum.accumulate([item.value for item in ordered]) if ordered else np.array([])
    style: dict[str, Any] = {"color": "#717581", "linestyle": "--", "linewidth": 1.5, "drawstyle": "steps-post", "zorder": 1}
    (front,) = ax.plot([item.lut for item in ordered], best, label="best at this cost", **style)
    return front


def _cost(points: Sequence[_Point]) -> str:
    """What is counted by which tools; an estimate is called one."""
    last = [item.row["counts"][-1] for item in points]
    counters = ", ".join(dict.fromkeys(f"{item['tool']} {item['stage']}" for item in last))
    squares = "; squares are estimates" if len({item.is_estimate for item in points}) > 1 else ""
    return f"LUT ({counters}{squares})" if counters else "LUT"
