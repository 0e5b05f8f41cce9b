"""Distances between distribution functions of one quantity: Wasserstein-1 and energy, exact for weighted samples."""

from __future__ import annotations

import numpy as np

from offline.unfolding.sample import FloatArray

__all__ = ["distribution_gap", "wasserstein"]


def distribution_gap(
    one: FloatArray, one_weight: FloatArray, two: FloatArray, two_weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Difference F - G of the distribution functions between all neighbouring values, and the steps between these.

    Parameters
    ----------
    one, two : ndarray of float64, shape (n,) and (m,)
        Values.
    one_weight, two_weight : ndarray of float64, shape (n,) and (m,)
        Weights, each normalised to its total; negative ones are taken as they are.

    Returns
    -------
    tuple of ndarray of float64, shape (n + m - 1,)
        The differences, and the widths that they hold for.
    """
    values = np.concatenate([one, two])
    order = np.argsort(values, kind="stable")
    steps = np.concatenate([one_weight / one_weight.sum(), -two_weight / two_weight.sum()])[order]
    return np.cumsum(steps)[:-1], np.diff(values[order])


def wasserstein(one: FloatArray, one_weight: FloatArray, two: FloatArray, two_weight: FloatArray) -> float:
    """Wasserstein-1 distance, the integral of |F - G|, in the unit of the quantity; O(n log n), arguments as above."""
    gap, width = distribution_gap(one, one_weight, two, two_weight)
    return float(np.abs(gap) @ width)
