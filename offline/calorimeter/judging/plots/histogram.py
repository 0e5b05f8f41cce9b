"""One quantity of showers, truth and generated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from offline.calorimeter.judging.plots.steps import draw_steps
from offline.unfolding.plots.panels import axes_or_new, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from offline.calorimeter.judging.histograms import Compared

__all__ = ["HistogramArtists", "plot_histogram"]


class HistogramArtists(NamedTuple):
    """What `plot_histogram` drew."""

    ax: Axes
    ratio: Axes


def plot_histogram(result: Mapping[str, Any] | Compared, *, ax: Axes | None = None) -> HistogramArtists:
    """Share of the showers in each bin, with Poisson errors, and ratio to truth; outer bins hold what is beyond.

    Parameters
    ----------
    result : mapping or Compared
        Counts.
    ax : Axes, optional
        Where to draw; a new figure when absent. Its place is shared with the panel of ratios.
    """
    values = plain(result)
    ax = axes_or_new(ax)
    edges = np.asarray(values["edges"], np.float64)
    counts = [np.asarray(values[side], np.float64) for side in ("truth", "generated")]
    shares = [(column / column.sum(), np.sqrt(column) / column.sum()) for column in counts]
    filled = shares[0][0][shares[0][0] > 0]
    below = draw_steps(ax, edges, *shares, log=bool(filled.max() > 200 * np.median(filled)))
    ax.set_ylabel("share of showers")
    below.set_xlabel(_label(values["name"]))
    return HistogramArtists(ax, below)


def _label(name: str) -> str:
    """Name of a feature with the unit of lengths, which the challenge gives in 100 mm."""
    return f"{name} [100 mm]" if name.startswith(("centre", "width")) else name
