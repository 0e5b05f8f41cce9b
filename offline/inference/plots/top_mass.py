"""Figures of the example of the top mass: what is seen, one pseudo-experiment, and pulls of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from l1ml._optional import require
from l1ml.reporting.plots.appearance import COLOURS, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from offline.inference.examples.top_mass_result import TopMassResult

__all__ = ["plot_mass_pulls", "plot_mass_scans", "plot_top_candidates"]

_BINS = np.linspace(40, 260, 89)
_LINES = ("-", "--", "-.", ":")


def plot_top_candidates(result: TopMassResult, *, ax: Axes | None = None) -> Axes:
    """Masses of three jets for light and heavy top quarks, and of the lightest pair for small and large energy scales."""
    ax = axes_or_new(ax)
    theta, x = result.simulations.theta, result.simulations.x
    for parameter, column, unit, colours in ((0, 0, "GeV", COLOURS[:2]), (1, 1, "", COLOURS[2:4])):
        ends = np.quantile(theta[:, parameter], [0.0, 0.2, 0.8, 1.0])
        for low, high, colour in ((ends[0], ends[1], colours[0]), (ends[2], ends[3], colours[1])):
            rows = (theta[:, parameter] >= low) & (theta[:, parameter] <= high)
            heights, _ = np.histogram(x[rows, column], _BINS, density=True)
            what = ("top", "scale")[parameter]
            text = f"{('three jets', 'lightest pair')[column]}, {what} {low:.4g} to {high:.4g} {unit}"
            ax.stairs(heights, _BINS, color=colour, linestyle=_LINES[parameter], linewidth=2, label=text)
    ax.set_xlim(_BINS[0], _BINS[-1])
    ax.set_ylim(0, 1.35 * ax.get_ylim()[1])
    ax.set_xlabel("mass [GeV]")
    ax.set_ylabel("share of candidates per GeV")
    ax.legend(loc="upper left")
    return ax


def plot_mass_scans(result: TopMassResult, *, ax: Axes | None = None) -> Axes:
    """-2 log of the profiled likelihood of the pseudo-experiment whose mass is in the middle, by all methods."""
    ax = axes_or_new(ax)
    one = int(np.argmin(np.abs(result.truth - np.median(result.truth))))
    for (name, fit), colour, line in zip(result.fits.items(), COLOURS, _LINES, strict=False):
        low, high = result.intervals(name)[one]
        label = f"{name}: {low:.1f} to {high:.1f}"
        # room for the legend above
        values = np.where(fit.statistic[one] < 9, fit.statistic[one], np.nan)
        ax.plot(result.grid, values, color=colour, linestyle=line, label=label)
    ax.axvline(result.truth[one], ymax=9 / 13, color="grey", linewidth=1, label=f"truth: {result.truth[one]:.1f}")
    ax.axhline(float(require("scipy.stats").chi2.ppf(0.683, 1)), color="grey", linewidth=1)
    ax.set_ylim(0, 13)
    ax.set_xlabel("top mass [GeV]")
    ax.set_ylabel(r"$-2\,\Delta \log L$, scale profiled")
    ax.legend(title=f"68.3%, {result.candidates[one]} candidates", loc="upper center")
    return ax


def plot_mass_pulls(result: TopMassResult, *, ax: Axes | None = None) -> Axes:
    """Share of pseudo-experiments with a smaller pull, with that of a normal distribution."""
    ax = axes_or_new(ax)
    values = np.linspace(-3.5, 3.5, 200)
    ax.plot(values, require("scipy.stats").norm.cdf(values), color="grey", label="normal")
    for name, colour, line in zip(result.fits, COLOURS, _LINES, strict=False):
        below = (np.arange(len(result.truth)) + 0.5) / len(result.truth)
        label = f"{name}, p = {result.summary(name)['p_value']:.2g}"
        ax.step(np.sort(result.pulls(name)), below, color=colour, linestyle=line, label=label)
    ax.set_xlim(values[0], values[-1])
    ax.set_ylim(0, 1.35)
    ax.set_xlabel("pull of the top mass")
    ax.set_ylabel("share of pseudo-experiments below")
    ax.legend(loc="upper left")
    return ax
