"""Smooth monotone curves that make a quantity standard normal."""

from __future__ import annotations

import numpy as np

from l1ml._optional import require
from offline.unfolding.sample import FloatArray

__all__ = ["follow", "score_curve", "score_levels", "score_reach"]

_KNOTS, _POINTS = 33, 4097


def score_reach(n: int) -> float:
    """Normal scores up to which `n` events say where a curve runs: some 25 of them lie beyond either end, at most 3.5."""
    return float(np.clip(require("scipy.special").ndtri(max(1 - 25 / n, 0.5)), 0.5, 3.5))


def score_levels(reach: float, n: int) -> FloatArray:
    """Shares of a sample below `n` equidistant standard normal scores in [-reach, reach]."""
    return np.asarray(require("scipy.special").ndtr(np.linspace(-reach, reach, n)))


def score_curve(values: FloatArray, weight: FloatArray, reach: float) -> FloatArray:
    """Quantiles of `values` at equidistant standard normal scores in [-reach, reach], through few knots.

    Parameters
    ----------
    values, weight : ndarray of float64, shape (n,)
        A quantity; weights not negative.
    reach : float
        See `score_reach`.

    Returns
    -------
    ndarray of float64, shape (4097,)
        Strictly rising.
    """
    interpolate = require("scipy.interpolate")
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weight[order]) - 0.5 * weight[order]
    knots = np.linspace(-reach, reach, _KNOTS)
    quantiles = np.interp(score_levels(reach, _KNOTS), share / weight.sum(), values[order])
    # ties would make the map impossible to invert
    step = 1e-9 * (np.abs(quantiles).max() + np.ptp(quantiles))
    quantiles = np.maximum.accumulate(quantiles + step * np.arange(_KNOTS))
    curve: FloatArray = interpolate.PchipInterpolator(knots, quantiles)(np.linspace(-reach, reach, _POINTS))
    return curve


def follow(values: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Interpolation between the points (x, y), continued beyond with the slope that the outer tenth of them has."""
    result = np.interp(values, x, y)
    tail = max(1, len(x) // 10)
    low, high = (y[tail] - y[0]) / (x[tail] - x[0]), (y[-1] - y[-1 - tail]) / (x[-1] - x[-1 - tail])
    result += low * np.minimum(values - x[0], 0) + high * np.maximum(values - x[-1], 0)
    return result
