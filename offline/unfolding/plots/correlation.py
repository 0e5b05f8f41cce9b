"""Correlation of the bins of an unfolded spectrum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml.errors import DataError
from offline.unfolding.plots.panels import axes_or_new, axis_label, plain
from offline.unfolding.spectrum import SYSTEMATIC

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh

    from offline.unfolding.spectrum import Spectrum

__all__ = ["CorrelationArtists", "plot_correlation"]


class CorrelationArtists(NamedTuple):
    """What `plot_correlation` drew."""

    ax: Axes
    mesh: QuadMesh


def plot_correlation(result: Mapping[str, Any] | Spectrum, *, unit: str = "", ax: Axes | None = None) -> CorrelationArtists:
    """All errors together; between -1 (blue) and 1 (red). Several quantities are drawn by the number of their bin.

    Parameters
    ----------
    result : mapping or Spectrum
        With replicas.
    unit : str
        Unit of the quantity; empty where it has none.
    ax : Axes, optional
        Where to draw; a new figure when absent.

    Raises
    ------
    DataError
        If there are no replicas.
    """
    values = plain(result)
    if values["covariance"] is None:
        msg = f"the spectrum of {values['names']} has no replicas, hence no correlation: unfold with uncertainties"
        raise DataError(msg)
    ax = axes_or_new(ax)
    covariance = np.asarray(values["covariance"])
    error = np.sqrt(np.diag(covariance))
    scale = np.where(error > 0, error, np.nan)
    single = len(values["names"]) == 1
    edges = np.asarray(values["edges"][0]) if single else np.arange(len(covariance) + 1) - 0.5
    mesh = ax.pcolormesh(edges, edges, covariance / np.outer(scale, scale), cmap="RdBu_r", vmin=-1, vmax=1, rasterized=True)
    label = axis_label(values["names"][0], "gen", unit) if single else "bin of " + " x ".join(values["names"])
    ax.set(xlabel=label, ylabel=label, aspect="equal")
    if ax.figure is not None:
        ax.figure.colorbar(mesh, ax=ax, label=f"correlation{_noise(values['replicas'])}")
    return CorrelationArtists(ax, mesh)


def _noise(replicas: Mapping[str, Any]) -> str:
    """How far correlations of nothing scatter: a few replicas paint a lively picture of it."""
    draws = [len(rows) for kind, rows in replicas.items() if not kind.startswith(SYSTEMATIC) and np.ptp(rows, axis=0).any()]
    return f" (chance of {min(draws)} replicas: ±{1 / np.sqrt(min(draws) - 1):.2f})" if draws else ""
