"""ROC curves with the working points of the menu."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from l1ml.reporting.plots.appearance import axes_or_new, process_colours, process_label, seed_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer
    from matplotlib.lines import Line2D

__all__ = ["RocArtists", "plot_roc"]

_MARKERS = "osD^vP"


class RocArtists(NamedTuple):
    """What `plot_roc` drew."""

    ax: Axes
    curves: dict[str, Line2D]
    working_points: list[ErrorbarContainer]


def plot_roc(result: Mapping[str, Any], *, ax: Axes | None = None) -> RocArtists:
    """Efficiency of each signal against the zero-bias rate in kHz, logarithmic.

    Parameters
    ----------
    result : mapping
        ``report["roc"][score]``: `curves` by signal and `working_points`.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    ax = axes_or_new(ax)
    colours = process_colours(result["curves"])
    curves = {}
    for signal, curve in result["curves"].items():
        label = f"{process_label(signal)}, AUC {curve['area']:.3f}"
        (curves[signal],) = ax.plot(curve["rate_khz"], curve["efficiency"], color=colours[signal], label=label)
    points = [
        _working_point(ax, point, _MARKERS[index % len(_MARKERS)], colours)
        for index, point in enumerate(result["working_points"])
        if not point["rate_is_upper_limit"]
    ]
    ax.set(xscale="log", ylim=(0.0, 1.0), xlabel="zero-bias rate [kHz]", ylabel="signal efficiency")
    ax.legend(loc="upper left")
    return RocArtists(ax, curves, [bar for bars in points for bar in bars])


def _working_point(ax: Axes, point: Mapping[str, Any], marker: str, colours: Mapping[str, str]) -> list[ErrorbarContainer]:
    """One marker for each signal at the rate of a threshold, and one grey entry in the legend."""
    bars = []
    for signal, item in point["efficiency"].items():
        low, high = item["efficiency"] - item["low"], item["high"] - item["efficiency"]
        options: dict[str, Any] = {"fmt": marker, "color": colours[signal], "markeredgecolor": "white", "markersize": 11}
        errors: dict[str, Any] = {"xerr": point["rate_error_khz"], "yerr": [[low], [high]]}
        bars.append(ax.errorbar(point["rate_khz"], item["efficiency"], **errors, **options))
    ax.plot([], [], marker, color="grey", label=f"{seed_label(point['name'])}: score word $\\geq$ {point['threshold']}")
    return bars
