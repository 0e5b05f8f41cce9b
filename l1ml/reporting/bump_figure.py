"""The figure of a hunt for a bump."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l1ml._optional import require
from l1ml.reporting.plots.bump import plot_bump
from l1ml.reporting.rendering import field_style, png

__all__ = ["render_bump"]


def render_bump(content: Mapping[str, Any]) -> bytes:
    """PNG of what is above the background.

    Raises
    ------
    ToolNotFoundError
        If matplotlib or mplhep is not installed.
    """
    with field_style({"font.size": 18}):
        figure = require("matplotlib.figure").Figure(figsize=(12.0, 8.0), layout="constrained")
        plot_bump(content, ax=figure.subplots())
        return png(figure)
