"""Resources of the design against the device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml.reporting.plots.appearance import COLOURS, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer

__all__ = ["ResourceArtists", "plot_resources"]

_NAMES = {"lut": "LUT", "ff": "FF", "carry": "CARRY", "dsp": "DSP", "bram18": "BRAM18", "uram": "URAM"}


class ResourceArtists(NamedTuple):
    """What `plot_resources` drew."""

    ax: Axes
    bars: dict[str, BarContainer]


def plot_resources(result: Mapping[str, Any], *, ax: Axes | None = None) -> ResourceArtists:
    """Share of the device that each tool and stage counts, in per cent, with the count beside each bar.

    Parameters
    ----------
    result : mapping
        A report, or its keys `synthesis` and `device`.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    ax = axes_or_new(ax)
    rows = result["synthesis"]
    names = [name for name in _NAMES if any(row.get(name) is not None for row in rows)]
    height = 0.8 / max(1, len(rows))
    bars = {}
    for index, row in enumerate(rows):
        present = [name for name in names if row.get(name) is not None and name in row["device_percent"]]
        where = np.array([names.index(name) for name in present]) + (index - (len(rows) - 1) / 2.0) * height
        share = [row["device_percent"][name] for name in present]
        colour = COLOURS[index % len(COLOURS)]
        bars[row["label"]] = ax.barh(where, share, 0.9 * height, color=colour, label=row["label"])
        labels = [f"{row[name]:,} ({row['device_percent'][name]:.2g} %)" if row[name] else "0" for name in present]
        ax.bar_label(bars[row["label"]], labels, padding=4, fontsize="xx-small")
    largest = max((share for row in rows for share in row["device_percent"].values()), default=1.0)
    ax.set_yticks(range(len(names)), [_NAMES[name] for name in names])
    ax.tick_params(axis="y", which="minor", left=False, right=False)
    ax.invert_yaxis()
    ax.set(xlim=(0.0, max(1.4 * largest, 0.1)), xlabel=f"share of {result['device']['part']} [%]")
    ax.legend(loc="lower right", fontsize="x-small")
    return ResourceArtists(ax, bars)
