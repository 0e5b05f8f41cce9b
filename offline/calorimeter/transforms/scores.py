"""Columns as independent standard normal ones at any energy of the particle: what a flow then learns is small.

Three invertible steps, whose numbers are tables over nodes in ln E, linear between them:

1. mean and width of each column, polynomials in ln E;
2. its quantiles at each node, so that it is normal whatever its shape was;
3. the correlations at each node, through their Cholesky factor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from offline.calorimeter.transforms.quantile_table import quantile_table, scores_of, values_of

__all__ = ["Scores"]

FloatArray = NDArray[np.float64]

_DEGREE, _NODES = 4, 10
_ROWS = 1000
_FEWEST = 100
"""Showers about a node that its quantiles need."""


@dataclass(frozen=True, eq=False, slots=True)
class Scores:
    """The three steps for k columns.

    Parameters
    ----------
    scale : ndarray of float64, shape (2,)
        Mean and half-width of ln E.
    mean, log_width : ndarray of float64, shape (degree + 1, k)
        Coefficients of the polynomials.
    nodes : ndarray of float64, shape (m,)
        Scaled ln E, rising.
    quantiles : ndarray of float64, shape (m, k, knots)
        Of the standardised columns at equidistant normal scores in [-3, 3], rising.
    factors : ndarray of float64, shape (m, k, k)
        Lower triangular.
    """

    scale: FloatArray
    mean: FloatArray
    log_width: FloatArray
    nodes: FloatArray
    quantiles: FloatArray
    factors: FloatArray

    @classmethod
    def of(cls, columns: FloatArray, incident: FloatArray) -> Self:
        """Tables of `columns`, shape (n, k), of particles of the energies `incident`.

        Raises
        ------
        DataError
            If there are too few showers.
        """
        if len(columns) < _FEWEST:
            msg = f"tables of quantiles need {_FEWEST} showers or more, received {len(columns)}"
            raise DataError(msg)
        logs = np.log(incident)
        scale = np.array([0.5 * (logs.max() + logs.min()), max(0.5 * np.ptp(logs), 1e-9)])
        at = (logs - scale[0]) / scale[1]
        nodes = _nodes(at)
        powers = np.vander(at, 1 + min(_DEGREE, len(np.unique(at)) - 1), increasing=True)
        mean = np.asarray(np.linalg.lstsq(powers, columns, rcond=None)[0], np.float64)
        # the mean of ln |x| of a normal x of width 1 is -0.635
        rest = np.log(np.abs(columns - powers @ mean) + 1e-9) + 0.635
        log_width = np.asarray(np.linalg.lstsq(powers, rest, rcond=None)[0], np.float64)
        standard = (columns - powers @ mean) * np.exp(-powers @ log_width)
        near = _windows(at, nodes)
        quantiles = np.stack([quantile_table(standard[rows]) for rows in near])
        plain = cls(scale, mean, log_width, nodes, quantiles, np.zeros((len(nodes), 0, 0))).uncorrelated()
        return plain.correlated(plain.forward(columns, incident), incident)

    def uncorrelated(self) -> Self:
        """The first two steps alone."""
        k = self.mean.shape[1]
        return replace(self, factors=np.broadcast_to(np.eye(k), (len(self.nodes), k, k)))

    def correlated(self, values: FloatArray, incident: FloatArray) -> Self:
        """The same with the correlations of `values`, which the first two steps have given."""
        near = _windows((np.log(incident) - self.scale[0]) / self.scale[1], self.nodes)
        return replace(self, factors=np.stack([_factor(values[rows]) for rows in near]))

    def decorrelated(self, values: FloatArray, incident: FloatArray) -> FloatArray:
        """The third step alone."""
        made = np.empty(values.shape)
        for rows, _, low, share in self._places(incident):
            made[rows] = np.linalg.solve(self._table(self.factors, low, share), values[rows][..., None])[..., 0]
        return made

    def nearest(self, incident: FloatArray) -> list[NDArray[np.int64]]:
        """Rows about each node."""
        at = (np.log(incident) - self.scale[0]) / self.scale[1]
        closest = np.abs(at[:, None] - self.nodes).argmin(axis=1)
        return [np.flatnonzero(closest == node) for node in range(len(self.nodes))]

    def forward(self, columns: FloatArray, incident: FloatArray) -> FloatArray:
        """Scores of `columns`, shape (n, k)."""
        made = np.empty(columns.shape)
        for rows, powers, low, share in self._places(incident):
            values = (columns[rows] - powers @ self.mean) * np.exp(-powers @ self.log_width)
            scores = scores_of(values, self._table(self.quantiles, low, share))
            made[rows] = np.linalg.solve(self._table(self.factors, low, share), scores[..., None])[..., 0]
        return made

    def inverse(self, scores: FloatArray, incident: FloatArray) -> FloatArray:
        """Columns of `scores`, shape (n, k)."""
        made = np.empty(scores.shape)
        for rows, powers, low, share in self._places(incident):
            mixed = np.einsum("nij,nj->ni", self._table(self.factors, low, share), scores[rows])
            values = values_of(mixed, self._table(self.quantiles, low, share))
            made[rows] = values * np.exp(powers @ self.log_width) + powers @ self.mean
        return made

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """What a file keeps: the arguments."""
        return {name: getattr(self, name) for name in self.__slots__}

    def _places(self, incident: FloatArray) -> Iterator[tuple[slice, FloatArray, NDArray[np.int64], FloatArray]]:
        """For some rows at a time: powers of ln E, the node below, and how far it is on the way to the next one."""
        at = (np.log(incident) - self.scale[0]) / self.scale[1]
        for start in range(0, len(at), _ROWS):
            some = at[start : start + _ROWS]
            # beyond the nodes, the tables of the outer ones hold
            place = np.interp(some, self.nodes, np.arange(len(self.nodes)))
            low = np.minimum(place.astype(np.int64), max(len(self.nodes) - 2, 0))
            powers = np.vander(np.clip(some, self.nodes[0], self.nodes[-1]), len(self.mean), increasing=True)
            yield slice(start, start + len(some)), powers, low, place - low

    def _table(self, values: FloatArray, low: NDArray[np.int64], share: FloatArray) -> FloatArray:
        """The table at each energy."""
        high = np.minimum(low + 1, len(self.nodes) - 1)
        return values[low] + share[:, None, None] * (values[high] - values[low])


def _nodes(at: FloatArray) -> FloatArray:
    """Nodes over the energies: all of them where there are few."""
    values = np.unique(at)
    return values if len(values) <= _NODES else np.linspace(values[0], values[-1], min(_NODES, max(2, len(at) // _FEWEST)))


def _windows(at: FloatArray, nodes: FloatArray) -> list[NDArray[np.int64]]:
    """Rows up to the neighbouring nodes, or as many of the nearest as are needed."""
    edges = np.concatenate([[nodes[0] - 1.0], nodes, [nodes[-1] + 1.0]])
    windows = []
    for below, node, above in zip(edges[:-2], nodes, edges[2:], strict=True):
        rows = np.flatnonzero((at > below) & (at < above))
        windows.append(rows if len(rows) >= _FEWEST else np.argsort(np.abs(at - node), kind="stable")[:_FEWEST])
    return windows


def _factor(scores: FloatArray) -> FloatArray:
    """Cholesky factor of the correlations of `scores`, a little nearer to none, so that there always is one."""
    n, k = scores.shape
    shrink = min(0.5, 0.05 * k / n)
    covariance = np.cov(scores.T).reshape(k, k)
    return np.linalg.cholesky((1 - shrink) * covariance + (shrink + 1e-6) * np.diag(np.diag(covariance) + 1e-6))
