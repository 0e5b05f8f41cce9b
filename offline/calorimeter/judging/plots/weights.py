"""Weights of showers by a classifier, of both samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from offline.calorimeter.judging.plots.steps import GENERATED, TRUTH
from offline.unfolding.plots.panels import axes_or_new, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from offline.calorimeter.judging.weights import WeightTest

__all__ = ["WeightArtists", "plot_weights"]


class WeightArtists(NamedTuple):
    """What `plot_weights` drew."""

    ax: Axes
    steps: dict[str, Any]


def plot_weights(result: Mapping[str, Any] | WeightTest, *, ax: Axes | None = None) -> WeightArtists:
    """Share of the showers at each weight w = D / (1 - D), both axes logarithmic; lines at the thresholds of the tails.

    Parameters
    ----------
    result : mapping or WeightTest
        Weights.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    values = plain(result)
    ax = axes_or_new(ax)
    edges, steps = np.asarray(values["edges"]), {}
    for side, colour in (("truth", TRUTH), ("generated", GENERATED)):
        counts = np.asarray(values[side], np.float64)
        shares = np.where(counts > 0, counts / counts.sum(), np.nan)
        steps[side] = ax.stairs(shares, edges, color=colour, linewidth=1.8, label=side, baseline=None)
    for tail in values["tails"]:
        ax.axvline(tail["weight"], color="grey", linestyle=":")
    ax.axvline(1.0, color="grey", linewidth=0.8)
    ax.set(xscale="log", yscale="log", xlabel="weight w", ylabel="share of showers", xlim=(2e-3, 5e2))
    ax.legend()
    text = f"mean of generated {values['mean']:.3f}\neffective share {values['effective']:.0%}"
    ax.text(0.03, 0.97, text, transform=ax.transAxes, va="top", fontsize="small")
    return WeightArtists(ax, steps)
