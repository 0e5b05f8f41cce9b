"""Figures of the example of a coupling: expected likelihoods, and shares of toys whose interval holds the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from l1ml._optional import require
from l1ml.reporting.plots.appearance import COLOURS, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from offline.inference.examples.coupling_result import CouplingResult

__all__ = ["plot_expected_limits", "plot_toy_statistics"]

_STYLES = {"exact": ("black", "-"), "learnt": (COLOURS[0], "--"), "histogram": (COLOURS[2], "-.")}


def plot_expected_limits(result: CouplingResult, *, ax: Axes | None = None) -> Axes:
    """-2 log of the profiled likelihood over the coupling, for events as the standard model expects them."""
    ax = axes_or_new(ax)
    limits = result.limits()
    for name, values in result.expected.items():
        colour, line = _STYLES.get(name, (COLOURS[3], ":"))
        low, high = limits[name]
        ax.plot(result.grid, values, color=colour, linestyle=line, label=f"{name}: {low:.3f} to {high:.3f}")
    critical = float(require("scipy.stats").chi2.ppf(0.95, 1))
    ax.axhline(critical, color="grey", linewidth=1)
    ends = np.array(list(limits.values()))
    ax.set_xlim(1.8 * ends[:, 0].min(), 1.8 * ends[:, 1].max())
    ax.set_ylim(0, 3 * critical)
    ax.set_xlabel("coupling c")
    ax.set_ylabel(r"$-2\,\Delta \log L$, scale profiled")
    ax.legend(title="95% expected", loc="upper center")
    return ax


def plot_toy_statistics(result: CouplingResult, *, ax: Axes | None = None) -> Axes:
    """Distribution of the statistic at the truth over toys as a share above, with that of chi squared."""
    ax = axes_or_new(ax)
    values = np.linspace(0.01, 9, 200)
    ax.plot(values, require("scipy.stats").chi2.sf(values, 1), color="grey", label=r"$\chi^2$, 1 d.o.f.")
    for name, found in result.coverage.items():
        line = _STYLES.get(name, ("", ":"))[1]
        for (truth, statistic), colour in zip(found.items(), COLOURS, strict=False):
            above = 1 - (np.arange(len(statistic)) + 0.5) / len(statistic)
            ax.step(np.sort(statistic), above, color=colour, linestyle=line, label=f"{name}, c = {truth:g}")
    ax.set_yscale("log")
    ax.set_xlim(0, 9)
    ax.set_ylim(2e-3, 1.2)
    ax.set_xlabel(r"$-2\,\Delta \log L$ at the truth")
    ax.set_ylabel("share of toys above")
    ax.legend()
    return ax
