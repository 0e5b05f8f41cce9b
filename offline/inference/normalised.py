"""Learnt ratios made to integrate to one: of many events a wrong factor, however near to one, is taken to a high power."""

from __future__ import annotations

import numpy as np

from l1ml.errors import DataError
from offline.inference.arrays import FloatArray
from offline.inference.neyman import log_likelihoods, pairs_of
from offline.inference.posterior import LikelihoodRatio
from offline.inference.prior import Prior

__all__ = ["NormalisedRatio"]


class NormalisedRatio:
    """A ratio to one density whose mean over events of that density is one for all parameters.

    A ratio p(x | theta) / p(x) averages to one over p(x). A network is wrong by a factor that depends on theta, and of m events
    that factor counts m times: a part in a thousand moves the edge of an interval from 1000 events. The factor is measured with
    events that the network need not have seen, and taken out. Ratios that were learnt against another density become ratios to
    that of `point` first.

    Parameters
    ----------
    ratio : LikelihoodRatio
        Learnt.
    point : ndarray of float64, shape (d,)
        Parameters of the events, in the prior; ratios are to their density.
    x : ndarray of float64, shape (n, k)
        Events made there.
    weight : ndarray of float64, shape (n,), optional
        Of the events.

    Raises
    ------
    DataError
        If weights do not fit, or their sum is not positive.
    """

    def __init__(self, ratio: LikelihoodRatio, point: FloatArray, x: FloatArray, weight: FloatArray | None = None) -> None:
        ratio.prior.check(point)
        self._ratio, self._point, self._x = ratio, point, x
        self._weight = np.ones(len(x)) if weight is None else weight
        if self._weight.shape != (len(x),) or self._weight.sum() <= 0:
            msg = f"{len(x)} events need as many weights and a positive sum of them, received shape {self._weight.shape}"
            raise DataError(msg)
        self._factors: dict[bytes, float] = {}

    @property
    def prior(self) -> Prior:
        """Of the parameters."""
        return self._ratio.prior

    def log_ratio(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """Shape (n,), of parameters of shape (n, d) and observations of shape (n, k)."""
        points, place = np.unique(theta, axis=0, return_inverse=True)
        below = self._ratio.log_ratio(np.broadcast_to(self._point, theta.shape), x)
        return np.asarray(self._ratio.log_ratio(theta, x) - below - self.log_factors(points)[place.ravel()])

    def log_likelihoods(self, grid: FloatArray, x: FloatArray, weight: FloatArray) -> FloatArray:
        """Of weighted events, shape (m, k), at each point, shape (g, d); shape (g,). See `offline.inference.neyman`."""
        below = self._ratio.log_ratio(np.broadcast_to(self._point, (len(x), len(self._point))), x)
        above = log_likelihoods(self._ratio, grid, x, weight)
        return np.asarray(above - weight @ below - weight.sum() * self.log_factors(grid))

    def log_factors(self, points: FloatArray) -> FloatArray:
        """Logarithm of the factor that is taken out at each point, shape (n,); kept for the next time."""
        points = np.ascontiguousarray(points, np.float64)
        new = [row for row in points if row.tobytes() not in self._factors]
        if new:
            below = self._ratio.log_ratio(np.broadcast_to(self._point, (len(self._x), len(self._point))), self._x)
            for row, values in zip(new, pairs_of(self._ratio, np.array(new), self._x).T, strict=True):
                terms = np.exp(values - below)
                self._factors[row.tobytes()] = float(np.log(self._weight @ terms / self._weight.sum()))
        return np.array([self._factors[row.tobytes()] for row in points])
