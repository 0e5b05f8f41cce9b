"""Showers as layers and rings: energy, or the ratio of two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from l1ml._optional import require
from offline.calorimeter.judging.samples import FloatArray
from offline.unfolding.plots.panels import axes_or_new, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection

    from offline.calorimeter.judging.pictures import Pictures

__all__ = ["RingArtists", "plot_ring_ratio", "plot_rings"]

_DECADES = 5
"""Drawn below the largest energy."""


class RingArtists(NamedTuple):
    """What was drawn."""

    ax: Axes
    rings: PolyCollection


def plot_rings(
    pictures: Mapping[str, Any] | Pictures, energies: FloatArray, *, largest: float | None = None, ax: Axes | None = None
) -> RingArtists:
    """Energy of each ring, all sectors together, on a logarithmic scale; an empty ring is white.

    Parameters
    ----------
    pictures : mapping or Pictures
        For the places of the rings.
    energies : ndarray of float64, shape (rings,)
        MeV.
    largest : float, optional
        Upper end of the scale, to compare showers; the largest energy when absent.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    top = largest or max(float(np.max(energies)), 1e-3)
    scale = require("matplotlib.colors").LogNorm(top * 10.0**-_DECADES, top)
    return _draw(plain(pictures), np.where(energies > 0, energies, np.nan), scale, "viridis", ax)


def plot_ring_ratio(result: Mapping[str, Any] | Pictures, *, ax: Axes | None = None) -> RingArtists:
    """Mean generated energy of each ring over the true one, from one half to two.

    Parameters
    ----------
    result : mapping or Pictures
        Average showers.
    ax : Axes, optional
        Where to draw; a new figure when absent.
    """
    values = plain(result)
    truth, generated = (np.asarray(values[side]) for side in ("truth", "generated"))
    ratio = np.divide(generated, truth, out=np.full_like(truth, np.nan), where=truth > 0)
    return _draw(values, np.clip(ratio, 0.5, 2.0), require("matplotlib.colors").LogNorm(0.5, 2.0), "coolwarm", ax)


def _draw(values: Mapping[str, Any], shown: FloatArray, scale: Any, colours: str, ax: Axes | None) -> RingArtists:
    ax = axes_or_new(ax)
    layer, edges = np.asarray(values["layer_of_ring"]), np.asarray(values["r_edges"])
    left, right, low, high = layer - 0.5, layer + 0.5, edges[:, 0], edges[:, 1]
    corners = np.stack([np.stack(pair, axis=1) for pair in ((left, low), (right, low), (right, high), (left, high))], axis=1)
    rings = require("matplotlib.collections").PolyCollection(corners, array=shown, norm=scale, cmap=colours, edgecolors="face")
    rings.set_linewidth(0.2)
    ax.add_collection(rings)
    ax.set(xlim=(left.min(), right.max()), ylim=(0, high.max()), xlabel="layer", ylabel="r [mm]")
    return RingArtists(ax, rings)
