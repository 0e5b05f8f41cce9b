"""Ranks, coverage of regions, calibration of ratios: each with the band where it belongs if all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from l1ml._optional import require
from l1ml.reporting.plots.appearance import COLOURS, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from offline.inference.diagnostics import Ranks, RatioCalibration, RegionCoverage

__all__ = ["plot_coverage", "plot_ranks", "plot_ratio_calibration"]

_LEVELS = np.linspace(0, 1, 101)
_TWO_SIGMA = (0.0228, 0.9772)


def plot_ranks(result: Ranks, *, ax: Axes | None = None) -> Axes:
    """Cumulative distribution of ranks less that of uniform ones: an S is a wrong width, a bow a bias; band of two sigma."""
    ax = axes_or_new(ax)
    n = len(result.ranks)
    low, high = require("scipy.stats").binom.ppf(np.array(_TWO_SIGMA)[:, None], n, _LEVELS) / n - _LEVELS
    ax.fill_between(_LEVELS, low, high, color=COLOURS[4], alpha=0.3, linewidth=0, label="95 % of uniform ones")
    shares = (result.ranks + 0.5) / (result.draws + 1)
    for index, (name, p_value) in enumerate(zip(result.names, result.p_values, strict=True)):
        below = np.searchsorted(np.sort(shares[:, index]), _LEVELS, side="right") / n
        ax.plot(_LEVELS, below - _LEVELS, color=_colour(index), label=f"{name}, p = {p_value:.2g}")
    ax.set_xlabel("rank of the truth, as a share of the draws")
    ax.set_ylabel("share below, less its expectation")
    ax.set_title(f"ranks of {n} simulations")
    ax.legend()
    return ax


def plot_coverage(result: RegionCoverage, *, ax: Axes | None = None, seed: int = 1) -> Axes:
    """Share of truths in regions over their credibility, with the band of bootstraps; above the diagonal is too wide."""
    ax = axes_or_new(ax)
    low, high = result.band(_LEVELS, np.random.default_rng(seed))
    ax.plot([0, 1], [0, 1], color="grey", linestyle="--", label="calibrated")
    ax.fill_between(_LEVELS, low, high, color=COLOURS[0], alpha=0.3, linewidth=0, label="95 % of bootstraps")
    ax.plot(_LEVELS, result.curve(_LEVELS), color=COLOURS[0], label=f"p = {result.p_value:.2g}")
    ax.set_xlabel("credibility of the region")
    ax.set_ylabel("share of truths inside")
    ax.set_title(result.regions)
    ax.legend(loc="upper left")
    return ax


def plot_ratio_calibration(result: RatioCalibration, *, ax: Axes | None = None) -> Axes:
    """True share of joint pairs over the predicted one, in bins of equal content."""
    ax = axes_or_new(ax)
    ax.plot([0, 1], [0, 1], color="grey", linestyle="--", label="calibrated")
    label = f"p = {result.p_value:.2g}"
    ax.errorbar(result.predicted, result.observed, result.error, fmt="o", color=COLOURS[0], capsize=3, label=label)
    ax.set_xlabel("predicted chance that a pair is joint")
    ax.set_ylabel("share that is")
    ax.legend(loc="upper left")
    return ax


def _colour(index: int) -> str:
    return COLOURS[index % len(COLOURS)]
