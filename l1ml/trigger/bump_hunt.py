"""An excess in a window above a smooth background that the events at both sides of it fix."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError

__all__ = ["Bump", "BumpHunt"]

_STEPS = 50


@dataclass(frozen=True, slots=True)
class Bump:
    """What is in the window.

    Parameters
    ----------
    found, background : float
        Events, and those expected without a signal.
    error : float
        Of their difference where there is no signal.
    """

    found: float
    background: float
    error: float

    @property
    def excess(self) -> float:
        """Events above the background."""
        return self.found - self.background

    @property
    def significance(self) -> float:
        """The excess in units of its error."""
        return self.excess / self.error


@dataclass(frozen=True, slots=True)
class BumpHunt:
    """A window, the bins around it, and how the background bends.

    The background is exp(polynomial), fitted by Poisson likelihood to the bins outside the window.

    Parameters
    ----------
    edges : tuple of float
        Rising edges of the bins.
    window : tuple of float
        Low and high end of the window, two of the edges.
    degree : int
        Of the polynomial.
    """

    edges: tuple[float, ...]
    window: tuple[float, float]
    degree: int = 2

    def __post_init__(self) -> None:
        """Refuse a window that cuts bins, or leaves too few beside it."""
        low, high = self.window
        if low not in self.edges or high not in self.edges or not low < high or np.any(np.diff(self.edges) <= 0):
            msg = f"the window lies between two of the rising edges {self.edges}, received {self.window}"
            raise ConfigError(msg)
        sides = self.edges.index(low), len(self.edges) - 1 - self.edges.index(high)
        if min(sides) < 1 or sum(sides) <= self.degree + 1:
            msg = f"a polynomial of degree {self.degree} needs {self.degree + 2} bins at both sides of the window, has {sides}"
            raise ConfigError(msg)

    @classmethod
    def even(cls, low: float, high: float, bins: int, window: tuple[float, float], degree: int = 2) -> BumpHunt:
        """`bins` even bins from `low` to `high`; the ends of the window move to the nearest edges.

        Raises
        ------
        ConfigError
            If the window is not inside, is narrower than a bin, or leaves too few bins beside it.
        """
        if not low < window[0] < window[1] < high or window[1] - window[0] < (high - low) / bins:
            msg = (
                f"the window is to lie within [{low:g}, {high:g}] and be a bin of {(high - low) / bins:g} wide, received {window}"
            )
            raise ConfigError(msg)
        edges = np.linspace(low, high, bins + 1)
        first, last = (float(edges[np.argmin(np.abs(edges - end))]) for end in window)
        return cls(tuple(edges.tolist()), (first, last), degree)

    @property
    def _inside(self) -> NDArray[np.bool_]:
        left = np.array(self.edges[:-1])
        return (left >= self.window[0]) & (left < self.window[1])

    @property
    def _terms(self) -> NDArray[np.float64]:
        """Legendre polynomials at the middles of the bins, shape (bins, degree + 1)."""
        edges = np.array(self.edges)
        middle = (edges[1:] + edges[:-1] - edges[0] - edges[-1]) / (edges[-1] - edges[0])
        return np.polynomial.legendre.legvander(middle, self.degree)

    def of_events(self, counts: NDArray[Any], scale: float = 1.0) -> Bump:
        """Bump in a histogram of events, of which one in `scale` was kept.

        Parameters
        ----------
        counts : ndarray, shape (bins,)
            Events kept in each bin: Poisson numbers.
        scale : float
            Prescale: results are of all events.

        Raises
        ------
        DataError
            If the bins beside the window hold too few events for the polynomial.
        """
        coefficients, covariance = self._fit(np.asarray(counts, np.float64))
        inside, terms = self._inside, self._terms
        expected = np.exp(terms[inside] @ coefficients) * np.diff(self.edges)[inside]
        slope = expected @ terms[inside]
        background = float(expected.sum())
        error = sqrt(background + float(slope @ covariance @ slope))
        return Bump(scale * float(np.sum(counts[inside])), scale * background, scale * error)

    def of_members(self, counts: NDArray[Any]) -> Bump:
        """Bump in expected counts of the members of an ensemble, shape (members + 1, bins); the first is the one that counts.

        The others are bootstrap samples: the scatter of their excess is its error.
        """
        found = counts[:, self._inside].sum(axis=1)
        background = np.array([self.background(row)[self._inside].sum() for row in counts])
        return Bump(float(found[0]), float(background[0]), float(np.std((found - background)[1:], ddof=1)))

    def background(self, counts: NDArray[Any]) -> NDArray[np.float64]:
        """Background in every bin, those of the window too, shape (bins,)."""
        return np.asarray(np.exp(self._terms @ self._fit(counts)[0]) * np.diff(self.edges))

    def misfit(self, counts: NDArray[Any], variance: NDArray[np.float64]) -> tuple[float, int]:
        """Chi-square of the background in the bins beside the window, and its degrees of freedom.

        Parameters
        ----------
        counts, variance : ndarray, shape (bins,)
            Events, and the squares of their errors.
        """
        beside = ~self._inside
        residual = (counts - self.background(counts))[beside]
        return float(np.sum(residual**2 / variance[beside])), int(beside.sum()) - self.degree - 1

    def _fit(self, counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Coefficients that make the counts beside the window most likely, and their covariance."""
        beside = ~self._inside
        terms, width, seen = self._terms[beside], np.diff(self.edges)[beside], counts[beside]
        if np.count_nonzero(seen) <= self.degree + 1:
            msg = f"{np.count_nonzero(seen)} bins beside the window hold events: a polynomial of degree {self.degree} needs more"
            raise DataError(msg)
        weight = np.sqrt(seen)
        coefficients = np.linalg.lstsq(terms * weight[:, None], np.log(np.maximum(seen, 0.5) / width) * weight, rcond=None)[0]
        for _ in range(_STEPS):
            expected = np.exp(terms @ coefficients) * width
            covariance = np.linalg.inv(terms.T @ (expected[:, None] * terms))
            step = covariance @ (terms.T @ (seen - expected))
            coefficients = coefficients + step
            if np.abs(step).max() < 1e-9:
                return coefficients, covariance
        msg = f"the background beside {self.window} did not converge: choose a lower degree or wider bins"
        raise DataError(msg)
