"""Scans of a learnt ratio with what a belt accepts, and maps of coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from l1ml.errors import DataError
from l1ml.reporting.plots.appearance import COLOURS, axes_or_new
from offline.inference.arrays import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from offline.inference.neyman import Belt, ConfidenceSet

__all__ = ["plot_coverage_map", "plot_scan"]


def plot_scan(result: ConfidenceSet, names: tuple[str, ...], *, ax: Axes | None = None) -> Axes:
    """Statistic over one parameter with the accepted range; of two parameters the points of the grid, accepted ones filled."""
    ax = axes_or_new(ax)
    grid, label = result.belt.grid, f"{result.belt.level:.1%}, {result.belt.kind}"
    accepted = result.belt.accepted(result.statistic)
    ax.set_xlabel(names[0])
    if grid.shape[1] == 1:
        values = grid[:, 0]
        ax.plot(values, result.statistic, color=COLOURS[0])
        ax.plot(values, result.belt.critical, color=COLOURS[1], linestyle="--", label=label)
        ax.fill_between(values, 0, result.belt.critical, where=accepted.tolist(), color=COLOURS[4], alpha=0.3)
        ax.set_ylim(0, 4 * float(result.belt.critical.max()))
        ax.set_ylabel("-2 log of the ratio to the best point")
    elif grid.shape[1] == 2:
        ax.scatter(grid[~accepted, 0], grid[~accepted, 1], s=4, color=COLOURS[4])
        ax.scatter(grid[accepted, 0], grid[accepted, 1], s=16, color=COLOURS[0], label=label)
        ax.plot(*result.best, "x", color="black", label="best")
        ax.set_ylabel(names[1])
    else:
        msg = f"a scan of {grid.shape[1]} parameters cannot be drawn; give a grid of one or two"
        raise DataError(msg)
    ax.legend()
    return ax


def plot_coverage_map(belt: Belt, share: FloatArray, error: FloatArray, name: str, *, ax: Axes | None = None) -> Axes:
    """Share of toys whose set holds the truth, over the first parameter of the grid."""
    ax = axes_or_new(ax)
    ax.axhline(belt.level, color="grey", linestyle="--", label=f"promised: {belt.level:.1%}")
    order = np.argsort(belt.grid[:, 0], kind="stable")
    ax.errorbar(belt.grid[order, 0], share[order], error[order], fmt="o", color=COLOURS[0], capsize=3, label=belt.kind)
    ax.set_xlabel(name)
    ax.set_ylabel("share of toys that hold the truth")
    ax.legend()
    return ax
