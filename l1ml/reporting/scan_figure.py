"""The figure of a design scan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l1ml._optional import require
from l1ml.reporting.plots.pareto import plot_pareto
from l1ml.reporting.rendering import field_style, png

__all__ = ["render_scan"]

_STYLE = {"font.size": 18, "legend.frameon": True, "legend.framealpha": 0.85, "legend.edgecolor": "none"}
_COSTS = ("lut", "latency_ns")


def render_scan(content: Mapping[str, Any]) -> bytes:
    """PNG of the score against LUT and against latency, side by side, with one legend.

    Raises
    ------
    ToolNotFoundError
        If matplotlib or mplhep is not installed.
    """
    with field_style(_STYLE):
        figure = require("matplotlib.figure").Figure(figsize=(18.0, 8.0), layout="constrained")
        axes = figure.subplots(1, len(_COSTS), sharey=True)
        for ax, cost in zip(axes, _COSTS, strict=True):
            plot_pareto(content, cost, ax=ax)
        axes[-1].set_ylabel("")
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside right center", fontsize="small")
        stamp = require("mplhep").label.exp_label
        stamp(exp="l1ml", llabel=content["model"], rlabel=f"{len(content['designs'])} designs", data=False, ax=axes[0], loc=0)
        return png(figure)
