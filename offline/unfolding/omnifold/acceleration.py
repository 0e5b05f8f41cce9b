"""Extrapolation of iterations that creep."""

from __future__ import annotations

import numpy as np

from offline.unfolding.sample import FloatArray

__all__ = ["extrapolated"]


def extrapolated(trail: tuple[FloatArray, FloatArray, FloatArray], weight: FloatArray, limit: float) -> tuple[FloatArray, float]:
    """Where three successive logarithms of the weights are heading, shape (n,), and the length of the step.

    SQUAREM (Varadhan and Roland, Scand. J. Stat. 35 (2008) 335, eq. 3 and 10, third step length): with the differences r = b - a
    and v = c - b - r of a, b, c, the next is a + 2 s r + s^2 v, where s = |r| / |v| is at least one; one gives c.

    Parameters
    ----------
    trail : tuple of ndarray of float64, shape (n,)
        a, b and c: each one iteration after the other.
    weight : ndarray of float64, shape (n,)
        Of each event in the norms; its absolute value counts.
    limit : float
        The logarithms stay within it.
    """
    first, second, third = trail
    step = second - first
    bend = third - second - step
    share = np.abs(weight)
    bends = float(share @ np.square(bend))
    length = max(1.0, float(np.sqrt(share @ np.square(step) / bends))) if bends > 0 else 1.0
    return np.clip(first + 2 * length * step + length**2 * bend, -limit, limit), length
