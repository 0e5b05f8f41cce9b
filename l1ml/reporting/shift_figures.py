"""Figures for a shifter: which seeds mismatch, where in the orbit and in the run, and what drifts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from l1ml._optional import require
from l1ml.reporting.plots.appearance import COLOURS, seed_label
from l1ml.reporting.rendering import RenderedFigure, field_style, png
from l1ml.trigger.monitoring.drift import QuantityDrift
from l1ml.trigger.monitoring.run_comparison import RunComparison, Spread
from l1ml.trigger.monitoring.seed_comparison import SeedComparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["render_shift_figures"]

_STYLE = {"font.size": 16, "legend.frameon": False}
_MOST_SEEDS = 25
_MOST_DRIFTS = 4
_MOST_POINTS = 300
_WIDENING = 8
"""How much wider a last bin is than the first where bins follow powers of two."""

_BLUE, _RED, _GREY = COLOURS[0], COLOURS[1], COLOURS[4]


def render_shift_figures(comparison: RunComparison) -> list[RenderedFigure]:
    """Three figures, and two of drift if there is a reference."""
    with field_style(_STYLE):
        figures = [_seeds(comparison.seeds)]
        if comparison.in_bx is not None:
            text = "Crossings with a mismatch of any seed, and all in which a seed fires, along the orbit."
            figures.append(RenderedFigure("mismatches_bx", text, _spread(comparison.in_bx)))
        text = "The same along the run: mismatches that begin at some time show a change of the hardware or its settings."
        figures.append(RenderedFigure("mismatches_time", text, _spread(comparison.in_time)))
        if comparison.drift is not None:
            figures += _drift(comparison.drift.quantities, comparison.limits.false_alarms)
        return figures


def _figure(width: float, height: float) -> Any:
    return require("matplotlib.figure").Figure(figsize=(width, height), layout="constrained")


def _seeds(seeds: Sequence[SeedComparison]) -> RenderedFigure:
    """Share of the firings that mismatch."""
    shown = sorted((item for item in seeds if item.firings), key=lambda item: (-item.mismatches, -item.firings))[:_MOST_SEEDS]
    figure = _figure(14.0, 2.5 + 0.42 * max(4, len(shown)))
    ax = figure.add_subplot()
    for place, item in enumerate(shown):
        low, high = (100 * value for value in item.limits)
        colour = _RED if item.mismatches else _BLUE
        ax.plot([low, high], [place, place], color=colour, linewidth=2.5)
        ax.plot([100 * (item.rate or 0.0)], [place], marker="o", color=colour)
        ax.text(
            1.01, place, f"{item.mismatches:,} / {item.firings:,}", transform=ax.get_yaxis_transform(), va="center", fontsize=13
        )
    ax.set_yticks(range(len(shown)), [seed_label(item.name) for item in shown], fontsize=13)
    ax.set(ylim=(len(shown) - 0.5, -0.5), xlabel="firings that mismatch [%], 95 % limits", xlim=(-0.5, None))
    ax.set_title("mismatches / firings", loc="right", fontsize=13)
    ax.tick_params(axis="y", which="minor", left=False, right=False)
    caption = f"Seeds with most mismatches (red), then those that fire most; {len(shown)} of {len(seeds)}. Bars are exact limits."
    return RenderedFigure("seeds", caption, png(figure))


def _spread(spread: Spread) -> bytes:
    """Mismatches above, firings below, on one axis."""
    figure = _figure(14.0, 7.5)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    n_bins = len(spread.firings)
    edges = spread.first + spread.width * np.arange(n_bins + 1)
    upper.stairs(spread.mismatches, edges, color=_RED, fill=True, edgecolor=_RED, linewidth=1.5)
    lower.stairs(spread.firings, edges, color=_BLUE, fill=True)
    most = int(spread.mismatches.max(initial=0))
    upper.set(ylabel="with a mismatch", ylim=(0, 1.15 * max(1, most)))
    each = "" if spread.width == 1 else f" (bins of {spread.width:,})"
    lower.set(ylabel="with a firing", xlabel=f"{spread.unit}{each}", xlim=(edges[0], edges[-1]), ylim=(0, None))
    for axis in (upper.yaxis, lower.yaxis, lower.xaxis):
        axis.set_major_locator(require("matplotlib.ticker").MaxNLocator(nbins=8, integer=True))
    said = f"p (no clustering) = {spread.clustering.p_value:.2g}" if most else "no mismatch"
    upper.set_title(
        f"{int(spread.mismatches.sum()):,} of {int(spread.firings.sum()):,} crossings; {said}", loc="right", fontsize=14
    )
    return png(figure)


def _drift(quantities: Sequence[QuantityDrift], level: float) -> list[RenderedFigure]:
    """The strongest distributions, and the rates of all seeds."""
    histograms = [item for item in quantities if item.kind != "seed" and len(item.run) > 1][:_MOST_DRIFTS]
    rates = [item for item in quantities if item.kind == "seed" and item.run[0] + item.reference[0] > 0]
    figures = []
    if histograms:
        caption = (
            "Distributions with the strongest drift: the run (points) and the reference (line), and their difference in errors."
        )
        figures.append(RenderedFigure("drift", caption, _histograms(histograms)))
    if rates:
        caption = f"Share of crossings in which each seed fires, run over reference; red: family-wise p at most {level:g}."
        figures.append(RenderedFigure("drift_seeds", caption, _rates(rates, level)))
    return figures


def _histograms(items: Sequence[QuantityDrift]) -> bytes:
    columns = min(2, len(items))
    rows = -(-len(items) // columns)
    figure = _figure(8.0 * columns, 6.5 * rows)
    axes = figure.subplots(2 * rows, columns, height_ratios=[3, 1] * rows, squeeze=False)
    for place in range(rows * columns):
        pair = axes[2 * (place // columns), place % columns], axes[2 * (place // columns) + 1, place % columns]
        if place < len(items):
            _histogram(items[place], *pair)
        else:
            for ax in pair:
                ax.set_visible(False)
    return png(figure)


def _histogram(item: QuantityDrift, upper: Axes, lower: Axes) -> None:
    """One distribution, entries per crossing and word, and pulls."""
    edges = np.array(item.edges, dtype=np.float64)
    width, centre = np.diff(edges), (edges[1:] + edges[:-1] - 1) / 2
    run, run_error, reference, reference_error = (
        np.asarray(column) / width for column in (item.run, item.run_error, item.reference, item.reference_error)
    )
    upper.stairs(reference, edges - 0.5, color=_GREY, linewidth=2.0, label="reference")
    if len(run) > _MOST_POINTS:
        upper.stairs(run, edges - 0.5, color="black", linewidth=0.8, label="run")
    else:
        upper.errorbar(centre, run, run_error, fmt="o", color="black", markersize=4, label="run")
    positive = np.concatenate([run[run > 0], reference[reference > 0]])
    if positive.size and positive.max() > 20 * positive.min():
        upper.set(yscale="log", ylim=(positive.min() / 3, 3 * positive.max()))
    else:
        upper.set_ylim(0, None)
    upper.set_title(f"family-wise p = {item.adjusted:.2g}", loc="right", fontsize=13)
    counted = item.kind in {"number", "crossing", "bits"}
    each = "bin" if counted else "word"
    upper.set(ylabel=f"per crossing and {each}", xlim=(edges[0] - 0.5, edges[-1] - 0.5))
    upper.legend(loc="best", fontsize="small")
    error = np.hypot(run_error, reference_error)
    pull = np.divide(run - reference, error, out=np.zeros_like(run), where=error > 0)
    lower.stairs(pull, edges - 0.5, fill=True, color=_BLUE)
    if width[-1] > _WIDENING * width[0]:
        for ax in (upper, lower):
            ax.set_xscale("symlog", linthresh=_WIDENING)
    most = max(3.5, 1.2 * float(np.abs(pull).max(initial=0.0)))
    unit = "" if counted else " [word]"
    lower.axhline(0, color="black", linewidth=1)
    lower.set(ylabel="pull", ylim=(-most, most), xlabel=f"{item.name}{unit}", xlim=(edges[0] - 0.5, edges[-1] - 0.5))


def _rates(items: Sequence[QuantityDrift], level: float) -> bytes:
    figure = _figure(12.0, 7.5)
    ax = figure.add_subplot()
    reference, run, error = (
        np.array(column) for column in zip(*((item.reference[0], item.run[0], item.run_error[0]) for item in items), strict=True)
    )
    other = np.array([item.reference_error[0] for item in items])
    seen = (reference > 0) & (run > 0)
    alarm = np.array([item.adjusted <= level for item in items])
    ratio = np.divide(run, reference, out=np.ones_like(run), where=seen)
    spread = ratio * np.hypot(
        *(np.divide(a, b, out=np.zeros_like(a), where=b > 0) for a, b in ((error, run), (other, reference)))
    )
    for chosen, colour, label in ((seen & ~alarm, _BLUE, "no drift"), (seen & alarm, _RED, "drift")):
        if chosen.any():
            bars = [np.minimum(spread, 0.99 * ratio)[chosen], spread[chosen]]
            ax.errorbar(reference[chosen], ratio[chosen], bars, fmt="o", color=colour, markersize=4, label=label)
    ax.axhline(1.0, color="black", linewidth=1)
    one_sided = int((~seen).sum())
    if one_sided:
        ax.set_title(f"{one_sided} seeds fire in one of the files only", loc="right", fontsize=14)
    high = float(ratio[seen].max(initial=1.0)) > 5 or float(ratio[seen].min(initial=1.0)) < 0.2
    ax.set(
        xscale="log", yscale="log" if high else "linear", xlabel="share of crossings of the reference", ylabel="run / reference"
    )
    ax.legend(loc="best")
    return png(figure)
