"""Mean energy along and across showers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from offline.calorimeter.judging.plots.histogram import HistogramArtists
from offline.calorimeter.judging.plots.steps import draw_steps
from offline.unfolding.plots.panels import axes_or_new, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from offline.calorimeter.judging.profiles import Profile

__all__ = ["plot_profile"]


def plot_profile(result: Mapping[str, Any] | Profile, *, ax: Axes | None = None) -> HistogramArtists:
    """Mean share of the energy of the particle in each layer or ring, with standard errors, and ratio to truth.

    Parameters
    ----------
    result : mapping or Profile
        Means.
    ax : Axes, optional
        Where to draw; a new figure when absent. Its place is shared with the panel of ratios.
    """
    values = plain(result)
    ax = axes_or_new(ax)
    edges = np.asarray(values["edges"], np.float64)
    sides = [(np.asarray(values[side], np.float64), np.asarray(values[f"{side}_error"])) for side in ("truth", "generated")]
    below = draw_steps(ax, edges, *sides, log=True)
    ax.set_ylabel("mean E / E inc")
    below.set_xlabel(values["axis"])
    return HistogramArtists(ax, below)
