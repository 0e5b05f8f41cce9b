"""Figures of what an event file holds: one for each object, a panel for each column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from l1ml._optional import require
from l1ml.reporting.plots.distribution import plot_distribution
from l1ml.reporting.rendering import RenderedFigure, field_style, png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from l1ml.data.histograms import FieldHistogram

__all__ = ["render_event_figures"]

_COLUMNS = 3
_PANEL = (7.0, 5.5)
_STYLE = {"font.size": 18, "legend.frameon": True, "legend.edgecolor": "none"}


def render_event_figures(histograms: Sequence[FieldHistogram], title: str) -> Iterator[RenderedFigure]:
    """One picture for each object that occurs, in the field's style; `title` says which file it is."""
    filled = [item for item in histograms if any(column.any() for column in item.values.values())]
    for name in dict.fromkeys(item.object_name for item in filled):
        own = [item for item in filled if item.object_name == name]
        with field_style(_STYLE):
            caption = f"All {name} objects of {title}, mean number of a crossing in each bin."
            yield RenderedFigure(name, caption, png(_figure(own, title)))


def _figure(histograms: Sequence[FieldHistogram], title: str) -> Figure:
    """One panel for each column of an object, one legend."""
    n_columns = min(_COLUMNS, len(histograms))
    n_rows = -(-len(histograms) // n_columns)
    size = (_PANEL[0] * n_columns, _PANEL[1] * n_rows)
    figure: Figure = require("matplotlib.figure").Figure(figsize=size, layout="constrained")
    for place, item in enumerate(histograms, 1):
        plot_distribution(item.to_dict(), ax=figure.add_subplot(n_rows, n_columns, place))
    figure.axes[0].legend(loc="upper right", fontsize="x-small")
    figure.suptitle(title, fontsize="small")
    return figure
