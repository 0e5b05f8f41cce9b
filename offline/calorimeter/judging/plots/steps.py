"""Truth and generated showers in one look: steps with bands above, their ratio below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from offline.calorimeter.judging.samples import FloatArray
from offline.unfolding.plots.panels import COLOURS, band, drawn, lower_panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["GENERATED", "TRUTH", "draw_steps"]

TRUTH, GENERATED = "#555555", COLOURS[0]
"""Colours of the samples in all figures."""


def draw_steps(
    ax: Axes, edges: FloatArray, truth: tuple[FloatArray, FloatArray], generated: tuple[FloatArray, FloatArray], *, log: bool
) -> Axes:
    """Values and errors of both, shape (k,) each, on `ax`; returns the new panel of ratios below it."""
    below = lower_panel(ax)
    for (values, errors), colour, label in ((truth, TRUTH, "truth"), (generated, GENERATED, "generated")):
        low, high = (drawn(edge, logarithmic=log) for edge in (values - errors, values + errors))
        band(ax, edges, low, high, color=colour, alpha=0.3, linewidth=0)
        ax.stairs(drawn(values, logarithmic=log), edges, color=colour, linewidth=1.8, label=label, baseline=None)
        reference = np.where(truth[0] > 0, truth[0], np.nan)
        low, high = (values - errors) / reference, (values + errors) / reference
        band(below, edges, low, high, color=colour, alpha=0.3, linewidth=0)
        below.stairs(values / reference, edges, color=colour, linewidth=1.5, baseline=None)
    if log:
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0.0)
    ax.legend()
    below.set(xlim=(edges[0], edges[-1]), ylabel="ratio", ylim=_ratio_limits(truth, generated))
    return below


def _ratio_limits(truth: tuple[FloatArray, FloatArray], generated: tuple[FloatArray, FloatArray]) -> tuple[float, float]:
    """Symmetric about one, wide enough for what is known to a quarter."""
    known = (truth[0] > 0) & (truth[1] < 0.25 * truth[0])
    away = np.abs(generated[0][known] / truth[0][known] - 1) + generated[1][known] / truth[0][known]
    limit = float(np.clip(1.3 * away.max(initial=0.04), 0.05, 1.0))
    return 1 - limit, 1 + limit
