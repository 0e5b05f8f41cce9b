"""Tests of numbers that are uniform between 0 and 1 if all is well."""

from __future__ import annotations

from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.errors import DataError
from offline.inference.arrays import FloatArray, IntArray

__all__ = ["combined", "kolmogorov_p_value", "legendre", "shares_of", "smooth_p_value"]

_ORDER = 4
_FEWEST = 20


def shares_of(ranks: IntArray, draws: int, rng: np.random.Generator) -> FloatArray:
    """Ranks 0 to `draws` as numbers between 0 and 1, spread evenly within their step: exactly uniform where ranks are."""
    if len(ranks) < _FEWEST:
        msg = f"{len(ranks)} simulations are too few to test anything with; give at least {_FEWEST}, better 1000"
        raise DataError(msg)
    return np.asarray((ranks + rng.random(ranks.shape)) / (draws + 1))


def legendre(shares: FloatArray, order: int = _ORDER) -> FloatArray:
    """Legendre polynomials of degree 1 to `order`, orthonormal between 0 and 1; shape (..., order)."""
    values = np.polynomial.legendre.legvander(2 * shares - 1, order)[..., 1:]
    return np.asarray(values * np.sqrt(2 * np.arange(1, order + 1) + 1))


def smooth_p_value(shares: FloatArray) -> float:
    """Neyman's smooth test (Skandinavisk Aktuarietidskrift 20 (1937) 149): the first is moved by a bias, the second by a width.

    Parameters
    ----------
    shares : ndarray of float64, shape (n,)
        Numbers between 0 and 1; some hundred are needed for the asymptotic distribution, chi squared of four degrees of freedom.
    """
    moved = legendre(shares).mean(axis=0) * np.sqrt(len(shares))
    return float(_stats().chi2.sf(np.square(moved).sum(), _ORDER))


def kolmogorov_p_value(shares: FloatArray) -> float:
    """One sample of Kolmogorov and Smirnov against the uniform distribution itself, exact for any number."""
    return float(_stats().kstest(shares, "uniform").pvalue)


def combined(p_values: FloatArray) -> float:
    """At least one of several tests: Bonferroni, valid whatever their correlation."""
    return float(min(1.0, len(p_values) * np.min(p_values)))


def _stats() -> Any:
    return require("scipy.stats")
