"""All figures of a report, as PNG bytes in the field's style."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from l1ml._optional import require
from l1ml.reporting.plots import (
    plot_distribution,
    plot_loss,
    plot_rate,
    plot_resources,
    plot_roc,
    plot_score,
    plot_turn_on,
)
from l1ml.reporting.rendering import RenderedFigure, field_style, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["render_figures"]

_STYLE = {
    "font.size": 22,
    "lines.linewidth": 2.0,
    "legend.frameon": True,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "axes.formatter.useoffset": False,
}
"""On top of mplhep: smaller letters, and legends that stay readable over lines."""


def render_figures(content: Mapping[str, Any]) -> list[RenderedFigure]:
    """Every figure of a report, in the order of the page."""
    with field_style(_STYLE):
        return [RenderedFigure(name, caption, png(figure)) for name, caption, figure in _figures(content)]


def _figures(content: Mapping[str, Any]) -> Iterator[tuple[str, str, Figure]]:
    for score, roc in content["roc"].items():
        caption = "Signal efficiency against zero-bias rate; markers are the working points of the menu with their errors."
        yield f"roc_{score}", caption, _single(content, partial(plot_roc, roc))
    for item in content["score_distributions"]:
        caption = "Score word of zero bias (weighted) and signals; bands are one standard deviation, lines the thresholds."
        yield f"score_{item['quantity'].split(' ')[0]}", caption, _single(content, partial(plot_score, item))
    yield from _rate_figures(content)
    yield "turn_ons", "Efficiency against the generator quantity; bars are 68.27 % Clopper-Pearson intervals.", _turn_ons(content)
    yield "features", "Objects as the trigger sees them, all slots together, bands one standard deviation.", _features(content)
    yield "resources", _RESOURCE_CAPTION, _single(content, partial(plot_resources, content), (12.0, 8.0))
    yield "loss", "Loss of each epoch.", _single(content, partial(plot_loss, content["training"]))


_RESOURCE_CAPTION = "Share of the device as each tool counts it. Estimates are called so; yosys is not Vivado: counts differ."


def _rate_figures(content: Mapping[str, Any]) -> Iterator[tuple[str, str, Figure]]:
    caption = "Zero-bias rate against threshold; the band is one standard deviation, copies of a collision counted once."
    objects = [curve for curve in content["rate_curves"] if curve["unit"]]
    scores = [curve for curve in content["rate_curves"] if not curve["unit"]]
    targets = [row["target_khz"] for row in content["menu"].values() if row["target_khz"]]
    for curve in scores:
        name = f"rate_{curve['quantity'].split(' ')[0]}"
        yield name, caption, _single(content, partial(plot_rate, [curve], targets_khz=targets))
    if objects:
        yield "rate_objects", caption, _single(content, partial(plot_rate, objects))


def _single(content: Mapping[str, Any], draw: Callable[..., Any], size: tuple[float, float] = (10.0, 9.0)) -> Figure:
    """Figure of one panel."""
    return _panels(content["label"], (1, 1), {0: draw}, size)


def _panels(
    label: Mapping[str, Any],
    shape: tuple[int, int],
    draws: Mapping[int, Callable[..., Any]],
    panel_size: tuple[float, float] = (8.0, 6.5),
) -> Figure:
    """Figure of `shape` (rows, columns) panels of `panel_size` inches; `draws` fills some places, counted row by row."""
    n_rows, n_columns = shape
    size = (panel_size[0] * n_columns, panel_size[1] * n_rows)
    figure: Figure = require("matplotlib.figure").Figure(figsize=size, layout="constrained")
    for place, draw in draws.items():
        ax = figure.add_subplot(n_rows, n_columns, place + 1)
        draw(ax=ax)
        _stamp(ax, label, whole=place == 0)
    return figure


def _turn_ons(content: Mapping[str, Any]) -> Figure:
    """One panel for each classical algorithm and one for the loosest anomaly algorithm."""
    signals = list(content["efficiency"])
    classical = [name for name, row in content["menu"].items() if row["kind"] == "classical"]
    anomaly = [name for name, row in content["menu"].items() if row["kind"] == "anomaly"]
    loosest = sorted(anomaly, key=lambda name: float(content["menu"][name]["rate_khz"]))[-1:]
    panels = [[curve for curve in content["turn_ons"] if curve["algorithm"] == name] for name in [*classical, *loosest]]
    draws = [partial(plot_turn_on, panel, signals=signals) for panel in panels if panel]
    return _panels(content["label"], (max(1, -(-len(draws) // 3)), 3), dict(enumerate(draws)))


def _features(content: Mapping[str, Any]) -> Figure:
    """One row for each field, one column for each collection, one legend."""
    items = {tuple(item["quantity"].split(" ")): item for item in content["feature_distributions"]}
    collections = list(dict.fromkeys(collection for collection, _ in items))
    fields = list(dict.fromkeys(field for _, field in reversed(items)))[::-1]  # the last collection has all, the first no eta
    places = {key: fields.index(key[1]) * len(collections) + collections.index(key[0]) for key in items}
    draws = {places[key]: partial(plot_distribution, item) for key, item in items.items()}
    figure = _panels(content["label"], (len(fields), len(collections)), draws)
    figure.axes[0].legend(loc="upper right", fontsize="x-small")
    return figure


def _stamp(ax: Axes, label: Mapping[str, Any], *, whole: bool) -> None:
    """Who made the figure and of what, never an experiment's name; only the name on panels after the first."""
    conditions = label["text"].replace("⟨PU⟩", "$\\langle$PU$\\rangle$")
    stamp = require("mplhep").label.exp_label
    stamp(exp="l1ml", llabel=None if whole else "", rlabel=conditions if whole else "", data=False, ax=ax, loc=0)
