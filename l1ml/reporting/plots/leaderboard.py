"""What the models of a leaderboard are worth against the logic that they take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from l1ml.reporting.plots.appearance import COLOURS, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer
    from matplotlib.lines import Line2D

__all__ = ["LeaderboardArtists", "plot_leaderboard"]

_SHIPPED = "shipped"


class LeaderboardArtists(NamedTuple):
    """What `plot_leaderboard` drew: points by model and variant, a line for each model in floats, the front."""

    ax: Axes
    points: dict[tuple[str, str], ErrorbarContainer]
    floats: dict[str, Line2D]
    front: Line2D


def plot_leaderboard(result: Mapping[str, Any], figure: str, *, ax: Axes | None = None) -> LeaderboardArtists:
    """`figure` against LUT: a colour for each model, filled where shipped, hollow where not; floats are a line, having no LUT.

    Parameters
    ----------
    result : mapping
        What ``l1ml leaderboard --json`` prints.
    figure : str
        Name of one of the figures of its rows, such as "accuracy".
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    ax = axes_or_new(ax)
    rows = [row for row in result["rows"] if figure in row["figures"]]
    colours = dict(zip(dict.fromkeys(row["model"] for row in result["rows"]), COLOURS, strict=False))
    placed = [row for row in rows if row["counts"]]
    points = {(row["model"], row["variant"]): _point(ax, row, figure, colours[row["model"]]) for row in placed}
    floats = {
        row["model"]: ax.axhline(_percent(row, figure)[0], color=colours[row["model"]], linestyle=":", linewidth=1.5)
        for row in rows
        if not row["counts"]
    }
    for model in dict.fromkeys(row["model"] for row in placed):
        own = [row for row in placed if row["model"] == model]
        ax.plot(*_line(own, figure), color=colours[model], linewidth=1.0, alpha=0.5, zorder=1)
        ax.plot([], [], "o", color=colours[model], label=model)
    front = _front(ax, placed, figure)
    ax.plot([], [], "o", color="grey", markerfacecolor="white", label="plain 8 bits")
    ax.plot([], [], linestyle=":", color="grey", label="in floats")
    ax.set(xlabel=_cost(placed), ylabel=f"{figure} [%]", xscale="log")
    return LeaderboardArtists(ax, points, floats, front)


def _percent(row: Mapping[str, Any], figure: str) -> tuple[float, float]:
    item = row["figures"][figure]
    return 100.0 * item["value"], 100.0 * item["error"]


def _lut(row: Mapping[str, Any]) -> float:
    return float(row["counts"][-1]["lut"])


def _point(ax: Axes, row: Mapping[str, Any], figure: str, colour: str) -> ErrorbarContainer:
    """One variant; a square where its LUT are an estimate."""
    value, error = _percent(row, figure)
    face = colour if row["variant"] == _SHIPPED else "white"
    marker = "s" if row["counts"][-1]["stage"] == "estimate" else "o"
    bar: ErrorbarContainer = ax.errorbar(
        _lut(row), value, yerr=error, fmt=marker, color=colour, markerfacecolor=face, markersize=10, elinewidth=1.2
    )
    return bar


def _line(rows: Sequence[Mapping[str, Any]], figure: str) -> tuple[list[float], list[float]]:
    ordered = sorted(rows, key=_lut)
    return [_lut(row) for row in ordered], [_percent(row, figure)[0] for row in ordered]


def _front(ax: Axes, rows: Sequence[Mapping[str, Any]], figure: str) -> Line2D:
    """Best value that each number of LUT buys."""
    cost, best = [], list[float]()
    for row in sorted(rows, key=_lut):
        value = _percent(row, figure)[0]
        cost.append(_lut(row))
        best.append(max([value, *best[-1:]]))
    style: dict[str, Any] = {"color": "#717581", "linestyle": "--", "linewidth": 1.5, "drawstyle": "steps-post", "zorder": 1}
    (front,) = ax.plot(cost, best, label="best at this cost", **style)
    return front


def _cost(rows: Sequence[Mapping[str, Any]]) -> str:
    """What is counted by which tools; an estimate is called one."""
    counters = dict.fromkeys(f"{row['counts'][-1]['tool']} {row['counts'][-1]['stage']}" for row in rows)
    squares = "; squares: estimate" if any(row["counts"][-1]["stage"] == "estimate" for row in rows) else ""
    return f"LUT ({', '.join(counters)}{squares})" if counters else "LUT"
