"""All figures of a report, as PNG bytes in the field's style."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from l1ml._optional import require
from l1ml.reporting.performance_tables import driving_inputs, stability_rows
from l1ml.reporting.plots import (
    plot_classes,
    plot_closure,
    plot_distribution,
    plot_hit_filter,
    plot_importance,
    plot_loss,
    plot_rate,
    plot_resources,
    plot_roc,
    plot_score,
    plot_stability,
    plot_turn_on,
    plot_working_points,
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
    yield from _WORTH[content["sample"]](content)
    yield "resources", _RESOURCE_CAPTION, _single(content, partial(plot_resources, content), (12.0, 8.0))
    yield "loss", "Loss of each epoch.", _single(content, partial(plot_loss, content["training"]))


def _tagging_figures(content: Mapping[str, Any]) -> Iterator[tuple[str, str, Figure]]:
    caption = (
        "Share of the jets of a class that a threshold on its margin keeps, against that of all others; markers with errors."
    )
    yield "classes", caption, _single(content, partial(plot_classes, content["tagging"]))


def _filtering_figures(content: Mapping[str, Any]) -> Iterator[tuple[str, str, Figure]]:
    caption = (
        "Share of the hits that a threshold on their score keeps, of background against those of tracks; markers with errors, "
        "the square asks for neighbours only."
    )
    yield "filtering", caption, _single(content, partial(plot_hit_filter, content["filtering"]))


def _decision_figures(content: Mapping[str, Any]) -> Iterator[tuple[str, str, Figure]]:
    for score, roc in content["roc"].items():
        caption = "Signal efficiency against zero-bias rate; markers are the working points of the menu with their errors."
        yield f"roc_{score}", caption, _single(content, partial(plot_roc, roc))
    for item in content["score_distributions"]:
        caption = "Score word of zero bias (weighted) and signals; bands are one standard deviation, lines the thresholds."
        yield f"score_{item['quantity'].split(' ')[0]}", caption, _single(content, partial(plot_score, item))
    yield from _rate_figures(content)
    yield from _performance_figures(content)
    yield from _turn_on_figures(content)
    yield "features", "Objects as the trigger sees them, all slots together, bands one standard deviation.", _features(content)


_WORTH: Mapping[str, Callable[[Mapping[str, Any]], Iterator[tuple[str, str, Figure]]]] = {
    "crossings": _decision_figures,
    "jets": _tagging_figures,
    "hits": _filtering_figures,
}
"""Figures of what a model is worth by the sample that it is trained on."""

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


def _performance_figures(content: Mapping[str, Any]) -> Iterator[tuple[str, str, Figure]]:
    """What a score is worth, of each score that was evaluated."""
    for name, score in (content["evaluation"] or {"scores": {}})["scores"].items():
        if score["curve"]:
            caption = (
                "Efficiency against the zero-bias rate that a seed on the score may cost; bands and bars hold the errors of "
                "signal and threshold, dashed is what no classical seed keeps."
            )
            yield f"working_points_{name}", caption, _single(content, partial(plot_working_points, score))
        if score["reference_khz"] is None:
            continue
        rows = [row for row in stability_rows(content, name) if row["target_khz"] == score["reference_khz"]]
        caption = "Rate and efficiencies at the same threshold under other conditions, over those that it was derived for."
        yield f"stability_{name}", caption, _single(content, partial(plot_stability, rows), (11.0, 1.5 + 0.75 * (len(rows) + 2)))
        caption = (
            f"Share of the decisions at {score['reference_khz']:g} kHz that is left without an input, of those that matter most."
        )
        chosen = [driving_inputs(score["importance"], change, _INPUTS) for change in ("removed", "permuted")]
        draws = dict(enumerate(partial(plot_importance, items) for items in chosen if items))
        if draws:  # places of a grid are removed and not permuted
            yield f"importance_{name}", caption, _panels(content["label"], (1, len(draws)), draws, (9.0, 10.0))

    background = (content["closure"] or content["evaluation"] or {}).get("background")
    if background and background["rows"]:
        yield "closure", _CLOSURE_CAPTION, _single(content, partial(plot_closure, background))


_CLOSURE_CAPTION = (
    "Zero bias above both thresholds over its estimate from the crossings below one of them or both; bars are one standard "
    "deviation, copies of a collision counted once."
)

_INPUTS = 12
"""Inputs of a kind on a figure."""


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


def _turn_on_figures(content: Mapping[str, Any]) -> Iterator[tuple[str, str, Figure]]:
    """One panel for each classical algorithm; of the loosest anomaly algorithm one for each generator quantity."""
    caption = "Efficiency against the generator quantity; bars are 68.27 % Clopper-Pearson intervals."
    signals, curves = list(content["efficiency"]), content["turn_ons"]
    classical = [name for name, row in content["menu"].items() if row["kind"] == "classical"]
    anomaly = [name for name, row in content["menu"].items() if row["kind"] == "crossing_score"]
    loosest = sorted(anomaly, key=lambda name: float(content["menu"][name]["rate_khz"]))[-1:]
    variables = dict.fromkeys(curve["variable"] for curve in curves if curve["algorithm"] in loosest)
    for name, panels in (
        ("turn_ons", [[curve for curve in curves if curve["algorithm"] == seed] for seed in classical]),
        (
            "turn_ons_score",
            [[item for item in curves if (item["algorithm"], item["variable"]) == (loosest[0], of)] for of in variables],
        ),
    ):
        draws = [partial(plot_turn_on, panel, signals=signals) for panel in panels if panel]
        if draws:
            yield name, caption, _panels(content["label"], (-(-len(draws) // 3), min(3, len(draws))), dict(enumerate(draws)))


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
