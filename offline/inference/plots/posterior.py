"""Draws of a posterior: each parameter, and each pair of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from l1ml._optional import require
from l1ml.errors import DataError
from l1ml.reporting.plots.appearance import COLOURS
from offline.inference.arrays import FloatArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_posterior"]

_SHARES = (0.683, 0.954)
_BINS = 40


def plot_posterior(
    names: tuple[str, ...], draws: FloatArray, *, truth: FloatArray | None = None, figure: Figure | None = None
) -> Figure:
    """Histograms on the diagonal with the central 68 %, below it regions of pairs that hold 68 % and 95 % of the draws.

    Parameters
    ----------
    names : tuple of str
        Of the parameters.
    draws : ndarray of float64, shape (n, d)
        Of the posterior.
    truth : ndarray of float64, shape (d,), optional
        Marked where it is known.
    figure : Figure, optional
        Where to draw; a new one when absent.
    """
    d = len(names)
    if draws.ndim != 2 or draws.shape[1] != d:
        msg = f"draws of shape {draws.shape} do not fit the parameters {', '.join(names)}"
        raise DataError(msg)
    if figure is None:
        figure = require("matplotlib.figure").Figure(figsize=(2.6 * d + 1, 2.6 * d + 1), layout="constrained")
    grid: Any = figure.subplots(d, d, squeeze=False, sharex="col")
    for row in range(d):
        for column in range(d):
            ax = grid[row, column]
            if column > row:
                ax.set_axis_off()
            elif column == row:
                _single(ax, draws[:, row], None if truth is None else truth[row])
            else:
                _pair(ax, draws[:, [column, row]], None if truth is None else truth[[column, row]])
        grid[d - 1, row].set_xlabel(names[row])
        if row:
            grid[row, 0].set_ylabel(names[row])
    return figure


def _single(ax: Any, values: FloatArray, truth: float | None) -> None:
    counts, edges = np.histogram(values, _BINS)
    ax.stairs(counts, edges, fill=True, color=COLOURS[0], alpha=0.6)
    low, middle, high = np.quantile(values, [(1 - _SHARES[0]) / 2, 0.5, (1 + _SHARES[0]) / 2])
    ax.axvspan(low, high, color=COLOURS[4], alpha=0.3)
    ax.set_title(f"${middle:.3g}_{{-{middle - low:.2g}}}^{{+{high - middle:.2g}}}$", fontsize="medium")
    ax.set_yticks([])
    if truth is not None:
        ax.axvline(truth, color=COLOURS[1])


def _pair(ax: Any, values: FloatArray, truth: FloatArray | None) -> None:
    counts, x, y = np.histogram2d(values[:, 0], values[:, 1], bins=_BINS)
    smooth = require("scipy.ndimage").gaussian_filter(counts, 1.0)
    falling = np.sort(smooth, axis=None)[::-1]
    held = np.cumsum(falling) / falling.sum()
    levels = [float(falling[min(int(np.searchsorted(held, share)), len(falling) - 1)]) for share in _SHARES]
    centres = [(edges[1:] + edges[:-1]) / 2 for edges in (x, y)]
    if levels[1] < levels[0] < falling[0]:
        ax.contourf(*centres, smooth.T, [levels[1], levels[0], falling[0]], colors=[COLOURS[9], COLOURS[0]])
    if truth is not None:
        ax.plot(*truth, "x", color=COLOURS[1])
