"""What the figures share: a second panel below the first, colours of the kinds of error, drawn bins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from l1ml._optional import require
from l1ml.reporting.plots.appearance import COLOURS, axes_or_new, plain
from offline.unfolding.sample import FloatArray
from offline.unfolding.spectrum import SYSTEMATIC

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "COLOURS",
    "axes_or_new",
    "axis_label",
    "band",
    "drawn",
    "few_ticks",
    "kind_colours",
    "kind_label",
    "lower_panel",
    "plain",
]

_LABELS = {"data": "data statistics", "mc": "simulation statistics", "ensemble": "start of the fit", "total": "total"}


def lower_panel(ax: Axes, height: float = 0.35, *, share: bool = True) -> Axes:
    """New axes below `ax`, in its place, of `height` times its own; they share the horizontal axis."""
    place = ax.get_subplotspec()
    if place is None or ax.figure is None:
        msg = "two panels need axes of a subplot, not ones that were placed by hand"
        raise TypeError(msg)
    rows = place.subgridspec(2, 1, height_ratios=[1.0, height], hspace=0.03 if share else 0.1)
    ax.set_subplotspec(rows[0])
    below: Axes = ax.figure.add_subplot(rows[1], sharex=ax if share else None)
    if share:
        ax.tick_params(labelbottom=False)
        ax.set_xlabel("")
    return below


def band(ax: Axes, edges: FloatArray, low: FloatArray, high: FloatArray, **style: Any) -> None:
    """Filled steps between two histograms."""
    ax.stairs(high, edges, baseline=low, fill=True, **style)


def kind_label(kind: str) -> str:
    """How a kind of error is called in a legend."""
    return _LABELS.get(kind, kind.removeprefix(SYSTEMATIC).replace("_", " "))


def kind_colours(kinds: list[str]) -> dict[str, str]:
    """Colour of each kind; black for their sum."""
    fixed = dict(zip(("data", "mc", "ensemble"), COLOURS, strict=False)) | {"total": "black"}
    others = [kind for kind in kinds if kind not in fixed]
    return fixed | {kind: COLOURS[3 + index % (len(COLOURS) - 3)] for index, kind in enumerate(others)}


def axis_label(quantity: str, level: str, unit: str = "") -> str:
    """Name of a quantity, its level, and its unit where it has one."""
    return f"{quantity}, {'true' if level == 'gen' else 'reconstructed'}" + (f" [{unit}]" if unit else "")


def few_ticks(ax: Axes) -> None:
    """Horizontally no ticks between the numbers of an axis that counts, and 1, 2, 5 of each decade on a logarithmic one."""
    ticker = require("matplotlib.ticker")
    if ax.get_xscale() == "linear":
        ax.xaxis.set_minor_locator(ticker.NullLocator())
        return
    low, high = ax.get_xlim()
    if high < 300 * low:
        ax.xaxis.set_major_locator(ticker.LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter(ticker.NullFormatter())


def drawn(values: FloatArray, *, logarithmic: bool) -> FloatArray:
    """Values that the axis can show."""
    return np.where(values > 0, values, np.nan) if logarithmic else values
