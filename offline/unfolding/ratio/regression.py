"""Logistic regression, solved by Newton steps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from offline.unfolding.ratio.contrast import Contrast
from offline.unfolding.ratio.terms import Terms
from offline.unfolding.sample import FloatArray

__all__ = ["cross_entropy", "evaluate", "fit"]

_BLOCK = 32768
"""Events at a time: their terms fit the cache."""

_RIDGE = 1e-8
"""Of the squared coefficients, in units of the total weight: decides only where the data do not."""

_MAX_STEPS = 100
_ENOUGH = 1e-12
"""Newton decrement, in units of the loss, below which the solution is exact for every purpose."""


def evaluate(terms: Terms, coefficients: FloatArray, scaled: FloatArray) -> FloatArray:
    """The logit at `scaled`, shape (n, d): an array of shape (n,)."""
    return np.concatenate([terms(scaled[rows]) @ coefficients for rows in _blocks(len(scaled))])


def cross_entropy(logit: FloatArray, numerator: FloatArray, denominator: FloatArray) -> float:
    """Sum of the binary cross-entropies from the `logit`, shape (n,), with both weights of each event."""
    return float((numerator + denominator) @ np.logaddexp(0.0, logit) - numerator @ logit)


def fit(terms: Terms, rows: Contrast, offset: FloatArray, start: FloatArray) -> tuple[FloatArray, list[float]]:
    """Coefficients that, added to `offset`, tell the two sides apart best, and the loss before each step.

    Negative weights may make the loss concave in places: the curvature is then raised until a step goes down.

    Parameters
    ----------
    terms : Terms
        What the logit is linear in.
    rows : Contrast
        Prepared, with scaled values.
    offset : ndarray of float64, shape (n,)
        The part of the logit that stays.
    start : ndarray of float64, shape (terms.n,)
        Where to begin.
    """
    size, damping = len(start), 0.0
    here, (loss, slope, curvature) = start, _expansion(start, terms, rows, offset)
    losses = [loss]
    for _ in range(_MAX_STEPS):
        lowest = float(np.linalg.eigvalsh(curvature)[0])
        raised = curvature + (max(0.0, _RIDGE - lowest) + damping) * np.eye(size)
        step = -np.linalg.solve(raised, slope)
        if -0.5 * float(slope @ step) < _ENOUGH * (1 + abs(loss)):
            break
        trial = _expansion(here + step, terms, rows, offset)
        if trial[0] <= loss:
            here, (loss, slope, curvature), damping = here + step, trial, damping / 10 if damping > 1e-6 else 0.0
        else:
            damping = max(10 * damping, 1e-4)
        losses.append(loss)
    return here, losses


def _blocks(n: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, max(n, 1), _BLOCK))


def _expansion(
    coefficients: FloatArray, terms: Terms, rows: Contrast, offset: FloatArray
) -> tuple[float, FloatArray, NDArray[np.float64]]:
    """Loss with the ridge, its gradient and its second derivatives at `coefficients`."""
    loss = 0.5 * _RIDGE * float(coefficients @ coefficients)
    slope, curvature = _RIDGE * coefficients, _RIDGE * np.eye(len(coefficients))
    for block in _blocks(len(offset)):
        values = terms(rows.values[block])
        numerator, both = rows.numerator[block], rows.numerator[block] + rows.denominator[block]
        logit = values @ coefficients + offset[block]
        falling = np.exp(-np.abs(logit))
        share = np.where(logit >= 0, 1.0, falling) / (1 + falling)
        loss += float(both @ (np.maximum(logit, 0.0) + np.log1p(falling)) - numerator @ logit)
        slope = slope + (both * share - numerator) @ values
        curvature = curvature + (values * (both * share * (1 - share))[:, None]).T @ values
    return loss, slope, curvature
