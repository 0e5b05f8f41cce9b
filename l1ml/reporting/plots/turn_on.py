"""Turn-on curves of one algorithm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml.reporting.plots.appearance import axes_or_new, plain, process_colours, process_label, seed_label, with_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer

__all__ = ["TurnOnArtists", "plot_turn_on"]

_VARIABLES = {
    "gen_muon_pt": "generated leading muon pt",
    "gen_egamma_pt": r"generated leading e/$\gamma$ pt",
    "gen_jet_pt": "generated leading jet pt",
    "gen_met": "generated missing pt",
    "gen_ht": "generated HT",
}


class TurnOnArtists(NamedTuple):
    """What `plot_turn_on` drew."""

    ax: Axes
    curves: dict[str, ErrorbarContainer]


def plot_turn_on(
    result: Sequence[Mapping[str, Any]], *, ax: Axes | None = None, signals: Sequence[str] | None = None
) -> TurnOnArtists:
    """Efficiency of one algorithm against a generator quantity, with Clopper-Pearson intervals.

    Parameters
    ----------
    result : sequence of mapping or TurnOn
        Entries of ``report["turn_ons"]`` of one algorithm, one for each signal; at least one.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    signals : sequence of str, optional
        All signals of the report, so that each keeps its colour in figures that lack some.
    """
    values = [plain(item) for item in result]
    ax = axes_or_new(ax)
    colours = process_colours(signals if signals is not None else [item["signal"] for item in values])
    curves = {item["signal"]: _curve(ax, item, colours[item["signal"]]) for item in values}
    first = values[0]
    xlabel = with_unit(_VARIABLES.get(first["variable"], first["variable"]), first["unit"])
    ax.axhline(1.0, color="grey", linestyle=":", linewidth=1.0)
    ax.set(ylim=(0.0, 1.55), xlim=(0.0, first["edges"][-1]), xlabel=xlabel, ylabel="efficiency")
    ax.legend(title=seed_label(first["algorithm"]), loc="upper left", fontsize="x-small", title_fontsize="small")
    return TurnOnArtists(ax, curves)


def _curve(ax: Axes, item: Mapping[str, Any], colour: str) -> ErrorbarContainer:
    """Points of the bins that hold crossings; horizontal bars are the bins."""
    edges = np.asarray(item["edges"])
    used = np.array([value is not None for value in item["efficiency"]], dtype=np.bool_)
    value, low, high = (np.array(item[key], dtype=np.float64)[used] for key in ("efficiency", "low", "high"))
    centre, half = (edges[1:] + edges[:-1])[used] / 2.0, np.diff(edges)[used] / 2.0
    label = process_label(item["signal"])
    errors: dict[str, Any] = {"xerr": half, "yerr": [value - low, high - value]}
    return ax.errorbar(centre, value, **errors, fmt="o", markersize=5, color=colour, label=label)
