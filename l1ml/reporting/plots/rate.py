"""Rate against threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml.reporting.plots.appearance import COLOURS, axes_or_new, plain, typeset, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import FillBetweenPolyCollection
    from matplotlib.lines import Line2D

__all__ = ["RateArtists", "plot_rate"]


_FLOOR_KHZ = 1e-3
"""One crossing a second: what happens below does not matter to a trigger."""


class RateArtists(NamedTuple):
    """What `plot_rate` drew."""

    ax: Axes
    curves: list[Line2D]
    bands: list[FillBetweenPolyCollection]


def plot_rate(result: Sequence[Mapping[str, Any]], *, ax: Axes | None = None, targets_khz: Sequence[float] = ()) -> RateArtists:
    """Zero-bias rate of "at or above threshold" with a band of one standard deviation.

    Parameters
    ----------
    result : sequence of mapping or RateCurve
        Entries of ``report["rate_curves"]`` with the same unit; at least one.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    targets_khz : sequence of float
        Rates to mark by horizontal lines.
    """
    values = [plain(item) for item in result]
    ax = axes_or_new(ax)
    curves, bands = [], []
    for item, colour in zip(values, COLOURS * len(values), strict=False):
        x, rate, error = (np.asarray(item[key]) for key in (_axis(item), "rate_khz", "rate_error_khz"))
        curves.extend(ax.plot(x, rate, color=colour, label=typeset(item["quantity"])))
        bands.append(ax.fill_between(x, np.maximum(rate - error, rate * 1e-3), rate + error, color=colour, alpha=0.3))
    for target in targets_khz:
        ax.axhline(target, color="grey", linestyle=":", linewidth=1.5)
        beside = ax.get_yaxis_transform()
        ax.text(0.01, target, f"{target:g} kHz", transform=beside, va="bottom", fontsize="x-small", color="grey")
    lowest = min(float(np.min(item["rate_khz"])) for item in values)
    ax.set(yscale="log", xlabel=_xlabel(values), ylabel="zero-bias rate [kHz]", ylim=(max(lowest / 3.0, _FLOOR_KHZ), None))
    if not values[0]["unit"]:
        ax.set_xscale("log")  # a sum of squares spreads over orders of magnitude
    ax.legend(loc="upper right")
    return RateArtists(ax, curves, bands)


def _axis(item: Mapping[str, Any]) -> str:
    """Scores are cut on as words, objects in their unit."""
    return "threshold_physical" if item["unit"] else "threshold"


def _xlabel(values: Sequence[Mapping[str, Any]]) -> str:
    if not values[0]["unit"]:
        return f"threshold on the {values[0]['quantity']} word"
    return with_unit("threshold" if len(values) > 1 else f"threshold on {values[0]['quantity']}", values[0]["unit"])
