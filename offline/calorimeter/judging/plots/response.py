"""Response and resolution by energy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from offline.calorimeter.judging.plots.steps import GENERATED, TRUTH
from offline.unfolding.plots.panels import axes_or_new, lower_panel, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from offline.calorimeter.judging.response import Response

__all__ = ["ResponseArtists", "plot_response"]


class ResponseArtists(NamedTuple):
    """What `plot_response` drew."""

    ax: Axes
    width: Axes


def plot_response(result: Sequence[Mapping[str, Any] | Response], *, ax: Axes | None = None) -> ResponseArtists:
    """Generated over true, with errors: mean response above, resolution below, against the energy of the particle.

    Parameters
    ----------
    result : sequence of mapping or Response
        Bins of energy.
    ax : Axes, optional
        Where to draw; a new figure when absent. Its place is shared with the lower panel.
    """
    rows = [plain(row) for row in result]
    ax = axes_or_new(ax)
    below = lower_panel(ax, 1.0)
    ends = np.array([[row["low"], row["high"]] for row in rows]).T / 1000
    middle = np.sqrt(ends[0] * ends[1])
    for panel, name in ((ax, "mean"), (below, "width")):
        known = [row[f"{name}_ratio"] is not None for row in rows]
        ratio = [row[f"{name}_ratio"] for row in rows if row[f"{name}_ratio"] is not None]
        error = [row[f"{name}_ratio_error"] for row in rows if row[f"{name}_ratio"] is not None]
        panel.errorbar(middle[known], ratio, error, np.abs(ends - middle)[:, known], fmt="o", color=GENERATED, capsize=3)
        panel.axhline(1.0, color=TRUTH, linewidth=1.2)
    ax.set(xscale="log", ylabel="mean response,\ngenerated / true")
    below.set(xlabel="energy of the particle [GeV]", ylabel="resolution,\ngenerated / true")
    return ResponseArtists(ax, below)
