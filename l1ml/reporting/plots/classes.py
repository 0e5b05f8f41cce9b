"""What thresholds on the words of a classifier keep of each class and of all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml.reporting.formatting import with_error
from l1ml.reporting.plots.appearance import COLOURS, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer
    from matplotlib.lines import Line2D

__all__ = ["ClassesArtists", "plot_classes"]


class ClassesArtists(NamedTuple):
    """What `plot_classes` drew."""

    ax: Axes
    curves: dict[str, Line2D]
    points: list[ErrorbarContainer]


def plot_classes(result: Mapping[str, Any], *, ax: Axes | None = None) -> ClassesArtists:
    """Share of the background that is kept, logarithmic, against that of the signal, for each class.

    Parameters
    ----------
    result : mapping
        ``report["tagging"]``: `classes` by name, each with its `curve`, `points` and `area`.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    ax = axes_or_new(ax)
    curves, points = {}, []
    for index, (name, item) in enumerate(result["classes"].items()):
        colour = COLOURS[index % len(COLOURS)]
        background = np.array(item["curve"]["background"])
        shown = np.where(background > 0, background, np.nan)
        label = f"{name}, AUC {with_error(item['area'], item['area_error'])}"
        (curves[name],) = ax.plot(item["curve"]["signal"], shown, color=colour, label=label)
        points += [_point(ax, point, colour) for point in item["points"] if point["background"]["efficiency"] > 0]
    ax.set(yscale="log", xlim=(0.0, 1.0), xlabel="signal kept", ylabel="background kept")
    ax.legend(loc="lower right")
    return ClassesArtists(ax, curves, points)


def _point(ax: Axes, point: Mapping[str, Any], colour: str) -> ErrorbarContainer:
    signal, background = point["signal"], point["background"]
    errors = {
        f"{axis}err": [[item["efficiency"] - item["low"]], [item["high"] - item["efficiency"]]]
        for axis, item in (("x", signal), ("y", background))
    }
    options: dict[str, Any] = {**errors, "fmt": "o", "color": colour, "markersize": 8, "markeredgecolor": "white"}
    return ax.errorbar(signal["efficiency"], background["efficiency"], **options)
