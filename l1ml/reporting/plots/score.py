"""Distribution of the score over zero bias and signals."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING, Any, NamedTuple

from l1ml.reporting.plots.appearance import axes_or_new, plain, seed_label
from l1ml.reporting.plots.distribution import draw_steps

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.patches import StepPatch

__all__ = ["ScoreArtists", "plot_score"]

_STYLES = ("--", "-.", ":")

_DRAWN_HEIGHT = 0.7
"""Share of the axes that the histograms fill; the legend stands above."""


class ScoreArtists(NamedTuple):
    """What `plot_score` drew."""

    ax: Axes
    steps: dict[str, StepPatch]
    thresholds: dict[str, Line2D]


def plot_score(result: Mapping[str, Any], *, ax: Axes | None = None) -> ScoreArtists:
    """Fraction of crossings in each bin of the score word, with the thresholds of the menu as vertical lines.

    Parameters
    ----------
    result : mapping or Distribution
        Entry of ``report["score_distributions"]``; `thresholds` may be absent.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    values = plain(result)
    ax = axes_or_new(ax)
    steps = draw_steps(ax, values)
    thresholds = {
        name: _threshold(ax, name, word, style)
        for (name, word), style in zip(values.get("thresholds", {}).items(), cycle(_STYLES), strict=False)
    }
    # the first bins are one word wide and the tail is long: linear around zero, logarithmic beyond
    ax.set_xscale("symlog", linthresh=max(10.0, float(values["edges"][-1]) / 1000.0))
    ax.set(yscale="log", xlim=(max(0.0, values["edges"][0]), values["edges"][-1]))
    bottom, top = ax.get_ylim()
    ax.set_ylim(bottom, bottom * (top / bottom) ** (1.0 / _DRAWN_HEIGHT))
    ax.set(xlabel=values["quantity"], ylabel="fraction of crossings per bin")
    ax.legend(loc="upper right", ncols=2)
    return ScoreArtists(ax, steps, thresholds)


def _threshold(ax: Axes, name: str, word: float, style: str) -> Line2D:
    label = f"{seed_label(name)}: {word}"
    return ax.axvline(word, ymax=_DRAWN_HEIGHT, color="black", linewidth=1.5, linestyle=style, label=label)
