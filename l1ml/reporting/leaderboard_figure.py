"""The figure of a leaderboard: one panel for each figure that the models are compared by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l1ml._optional import require
from l1ml.errors import DataError
from l1ml.reporting.plots.leaderboard import plot_leaderboard
from l1ml.reporting.rendering import field_style, png

__all__ = ["render_leaderboard"]

_STYLE = {"font.size": 18, "legend.frameon": True, "legend.framealpha": 0.85, "legend.edgecolor": "none"}
_COLUMNS = 2


def render_leaderboard(content: Mapping[str, Any]) -> bytes:
    """PNG of what the models are worth against LUT, one panel for each figure but the areas.

    Raises
    ------
    DataError
        If no row has a figure.
    ToolNotFoundError
        If matplotlib or mplhep is not installed.
    """
    found = (name for row in content["rows"] for name in row["figures"] if not name.endswith("AUC"))
    names = dict.fromkeys(name.split(": ")[-1] for name in found)
    if not names:
        msg = f"none of the {len(content['rows'])} rows has a figure to draw; make them with: l1ml leaderboard"
        raise DataError(msg)
    with field_style(_STYLE):
        rows = -(-len(names) // _COLUMNS)
        figure = require("matplotlib.figure").Figure(figsize=(20.0, 8.0 * rows), layout="constrained")
        handles: dict[str, Any] = {}
        for place, name in enumerate(names):
            ax = figure.add_subplot(rows, min(_COLUMNS, len(names)), place + 1)
            plot_leaderboard(content, name, ax=ax)
            handles |= dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
            if not place:
                require("mplhep").label.exp_label(exp="l1ml", llabel="", rlabel="leaderboard", data=False, ax=ax, loc=0)
        figure.legend(handles.values(), handles.keys(), loc="outside right upper", fontsize="small")
        return png(figure)
