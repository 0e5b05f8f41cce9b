"""Which inputs drive a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml.reporting.plots.appearance import axes_or_new, process_colours, process_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer

__all__ = ["ImportanceArtists", "plot_importance"]


class ImportanceArtists(NamedTuple):
    """What `plot_importance` drew."""

    ax: Axes
    kept: dict[str, ErrorbarContainer]


def plot_importance(result: Sequence[Mapping[str, Any]], *, ax: Axes | None = None) -> ImportanceArtists:
    """Share of the decisions that is left without each input, one row for each.

    Parameters
    ----------
    result : sequence of mapping or InputImportance
        Entries of ``importance`` of one kind of change; at least one.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    ax = axes_or_new(ax)
    names = list(result[0]["kept"])
    colours = process_colours(names)
    kept = {}
    for index, name in enumerate(names):
        rows = [item["kept"][name] for item in result]
        place = np.arange(len(rows)) + 0.16 * (index - (len(names) - 1) / 2.0)
        known = np.array([row["value"] is not None for row in rows], dtype=np.bool_)
        value, error = (np.array([row[key] for row in rows if row["value"] is not None]) for key in ("value", "error"))
        kept[name] = ax.errorbar(
            value, place[known], xerr=error, fmt="o", markersize=7, color=colours[name], label=process_label(name)
        )
    for row in range(0, len(result), 2):
        ax.axhspan(row - 0.5, row + 0.5, color="grey", alpha=0.08, linewidth=0.0)
    ax.axvline(1.0, color="grey", linestyle=":", linewidth=1.5)
    ax.set(ylim=(len(result) - 0.5, -2.6), xlabel="share of the decisions that is left")
    ax.set_xlim(left=0.0)
    ax.set_yticks(range(len(result)), [item["name"].replace("_", " ") for item in result], fontsize="small")
    ax.tick_params(axis="y", which="minor", left=False, right=False)
    title = {"removed": "object removed", "permuted": "word of another crossing"}[result[0]["change"]]
    ax.legend(loc="upper center", fontsize="x-small", ncols=4, title=title, title_fontsize="small")
    return ImportanceArtists(ax, kept)
