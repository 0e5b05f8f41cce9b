"""Templates: shares of bins as functions of the parameters, the likelihood that analyses with histograms have."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from offline.inference.arrays import FloatArray, IntArray

__all__ = ["Binning", "Templates"]

_DEGREE = 3
_CELLS = 12
"""Of each parameter, in which events are counted."""
_STEPS = 12
"""Of Newton's method, which doubles the correct digits in each."""


@dataclass(frozen=True, slots=True, eq=False)
class Binning:
    """Bins of one column or of several at once, as even as the events they are made from.

    Parameters
    ----------
    columns : tuple of int
        Of the observations.
    edges : tuple of ndarray
        Inner edges of each; what is beyond the last belongs to the last.
    """

    columns: tuple[int, ...]
    edges: tuple[FloatArray, ...]

    @staticmethod
    def of(x: FloatArray, bins: dict[int, int]) -> Binning:
        """As many bins of each column as `bins` says, with as many of the events `x`, shape (n, k), in each."""
        edges = tuple(np.quantile(x[:, column], np.linspace(0, 1, n + 1)[1:-1]) for column, n in bins.items())
        return Binning(tuple(bins), edges)

    @property
    def shape(self) -> tuple[int, ...]:
        """Bins of each column."""
        return tuple(len(edges) + 1 for edges in self.edges)

    def number(self, x: FloatArray) -> IntArray:
        """Bin of each event, shape (n,)."""
        places = [np.searchsorted(edges, x[:, column]) for column, edges in zip(self.columns, self.edges, strict=True)]
        return np.asarray(np.ravel_multi_index(tuple(places), self.shape))


@dataclass(frozen=True, slots=True, eq=False)
class Templates:
    """Shares of all bins; the likelihood of a number of events is multinomial.

    Parameters
    ----------
    binning : Binning
        The bins.
    coefficients : ndarray of float64, shape (p, b)
        Of the logarithm of shares, before all of them are made to add up to one: of the monomials of parameters, scaled to
        -1 to 1 over `ends`, up to the third degree.
    ends : ndarray of float64, shape (2, d)
        Least and largest parameters that were seen.
    """

    binning: Binning
    coefficients: FloatArray
    ends: FloatArray

    @staticmethod
    def of(binning: Binning, theta: FloatArray, x: FloatArray) -> Templates:
        """From events at their parameters, shapes (n, k) and (n, d): Poisson regression of counts in cells of the parameters."""
        ends = np.stack([theta.min(axis=0), theta.max(axis=0)])
        cells, b = Binning.of(theta, dict.fromkeys(range(theta.shape[1]), _CELLS)), int(np.prod(binning.shape))
        place, n = cells.number(theta), int(np.prod(cells.shape))
        counts = np.bincount(place * b + binning.number(x), minlength=n * b).reshape(n, b)
        total = counts.sum(axis=1)
        used = total > 0
        middle = np.stack([np.bincount(place, column, n)[used] / total[used] for column in theta.T], axis=1)
        design = _monomials(middle, ends)
        columns = [_poisson(design, column, total[used]) for column in counts[used].T]
        return Templates(binning, np.stack(columns, axis=1), ends)

    def shares(self, theta: FloatArray) -> FloatArray:
        """At parameters of shape (..., d); shape (..., b)."""
        found = _monomials(theta, self.ends) @ self.coefficients
        found = np.exp(found - found.max(axis=-1, keepdims=True))
        return np.asarray(found / found.sum(axis=-1, keepdims=True))

    def log_likelihood(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """Of independent events, shape (n, k), at each point, shape (..., d); shape (...)."""
        counts = np.bincount(self.binning.number(x), minlength=self.coefficients.shape[1])
        return np.asarray(np.log(self.shares(theta)) @ counts)


def _monomials(theta: FloatArray, ends: FloatArray) -> FloatArray:
    """All products of up to three scaled parameters, shape (..., p)."""
    scaled = 2 * (theta - ends[0]) / (ends[1] - ends[0]) - 1
    columns = range(theta.shape[-1])
    chosen = [group for degree in range(_DEGREE + 1) for group in combinations_with_replacement(columns, degree)]
    return np.stack([np.prod(scaled[..., list(group)], axis=-1) for group in chosen], axis=-1)


def _poisson(design: FloatArray, counts: IntArray, total: IntArray) -> FloatArray:
    """Coefficients of the logarithm of the expected share, shape (p,): the most likely ones, by Newton's method."""
    expected = np.asarray(counts + 0.5, np.float64)
    guess = np.asarray(np.log(expected / total), np.float64)
    for _ in range(_STEPS):
        weighted = design.T * expected
        found = np.linalg.solve(weighted @ design, weighted @ guess)
        logarithm = np.asarray(design @ found, np.float64)
        expected = np.asarray(total * np.exp(logarithm), np.float64)
        guess = logarithm + (counts - expected) / expected
    return np.asarray(found, np.float64)
