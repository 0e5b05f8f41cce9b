"""How far rate and efficiencies move when the conditions are others than those of the threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml.reporting.plots.appearance import axes_or_new, process_colours, process_label
from l1ml.trigger.study import ZERO_BIAS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer

__all__ = ["StabilityArtists", "plot_stability"]


class StabilityArtists(NamedTuple):
    """What `plot_stability` drew."""

    ax: Axes
    ratios: dict[str, ErrorbarContainer]


def plot_stability(result: Sequence[Mapping[str, Any]], *, ax: Axes | None = None) -> StabilityArtists:
    """Ratio of the rate and of each efficiency to what the threshold was derived for, one row for each change.

    Parameters
    ----------
    result : sequence of mapping or Stability
        Entries of ``energy_scale`` and ``pileup`` of one working point; at least one.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    ax = axes_or_new(ax)
    names = [ZERO_BIAS, *result[0]["signals"]]
    colours = process_colours(names)
    ratios = {}
    for index, name in enumerate(names):
        rows = [row["ratio"] if name == ZERO_BIAS else row["signals"][name]["ratio"] for row in result]
        label = "zero-bias rate" if name == ZERO_BIAS else f"efficiency of {process_label(name)}"
        place = np.arange(len(rows)) + 0.16 * (index - (len(names) - 1) / 2.0)
        known = np.array([row["value"] is not None for row in rows], dtype=np.bool_)
        value, error = (np.array([row[key] for row in rows if row["value"] is not None]) for key in ("value", "error"))
        ratios[name] = ax.errorbar(value, place[known], xerr=error, fmt="o", markersize=7, color=colours[name], label=label)
    ax.axvline(1.0, color="grey", linestyle=":", linewidth=1.5)
    ax.set(ylim=(len(result) - 0.5, -0.5 - 0.35 * (len(names) + 1)), xlabel="ratio at the same threshold")
    ax.set_yticks(range(len(result)), [row["conditions"] for row in result], fontsize="small")
    ax.tick_params(axis="y", which="minor", left=False, right=False)
    ax.legend(loc="upper center", fontsize="x-small", ncols=2, title=_title(result[0]), title_fontsize="small")
    return StabilityArtists(ax, ratios)


def _title(row: Mapping[str, Any]) -> str:
    return f"threshold of {row['target_khz']:g} kHz: score word $\\geq$ {row['threshold']}"
