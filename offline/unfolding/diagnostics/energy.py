"""Energy distance 2 E|X - Y| - E|X - X'| - E|Y - Y'| (G. Szekely, M. Rizzo, J. Stat. Plan. Inference 143 (2013) 1249)."""

from __future__ import annotations

import numpy as np

from l1ml._optional import require
from offline.unfolding.diagnostics.wasserstein import distribution_gap
from offline.unfolding.sample import FloatArray

__all__ = ["energy_distance", "energy_distance_1d"]


def energy_distance_1d(one: FloatArray, one_weight: FloatArray, two: FloatArray, two_weight: FloatArray) -> float:
    """Of one quantity, exact in O(n log n): twice the integral of (F - G)^2, in the unit of the quantity."""
    gap, width = distribution_gap(one, one_weight, two, two_weight)
    return float(2 * gap**2 @ width)


def energy_distance(
    one: FloatArray, one_weight: FloatArray, two: FloatArray, two_weight: FloatArray, *, rows: int = 3000, seed: int = 1
) -> float:
    """Of several quantities together, on random rows of both samples.

    Parameters
    ----------
    one, two : ndarray of float64, shape (n, d) and (m, d)
        Events; each quantity is measured in standard deviations of `two`.
    one_weight, two_weight : ndarray of float64, shape (n,) and (m,)
        Weights.
    rows : int
        Most events that are taken of each sample; the cost goes with the square.
    seed : int
        Of the choice of rows.

    Returns
    -------
    float
        Without bias: pairs of an event with itself are left out, so that equal distributions give zero on average, and now and
        then a negative number.
    """
    rng = np.random.default_rng(seed)
    mean = np.average(two, axis=0, weights=two_weight)
    scale = np.sqrt(np.average((two - mean) ** 2, axis=0, weights=two_weight))
    scale[scale == 0] = 1.0
    x, wx = _some(one / scale, one_weight, rows, rng)
    y, wy = _some(two / scale, two_weight, rows, rng)
    return 2 * _mean_distance(x, wx, y, wy) - _mean_distance(x, wx) - _mean_distance(y, wy)


def _some(values: FloatArray, weight: FloatArray, rows: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """At most `rows` rows, chosen without looking at their weights."""
    if len(values) <= rows:
        return values, weight
    chosen = rng.choice(len(values), rows, replace=False)
    return values[chosen], weight[chosen]


def _mean_distance(x: FloatArray, wx: FloatArray, y: FloatArray | None = None, wy: FloatArray | None = None) -> float:
    """Weighted mean distance of pairs; within `x`, without those of an event and itself, when there is no `y`."""
    cdist = require("scipy.spatial.distance").cdist
    if y is None or wy is None:
        return float(wx @ cdist(x, x) @ wx / (wx.sum() ** 2 - (wx**2).sum()))
    return float(wx @ cdist(x, y) @ wy / (wx.sum() * wy.sum()))
