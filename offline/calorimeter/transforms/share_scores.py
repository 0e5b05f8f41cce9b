"""Logits of the shares of layers as normal scores, given how many hits a layer has.

The fewer hits, the wider and the more skewed is the energy that they have together: about one hit it falls exponentially, about a
hundred it is normal. Mean and width of each layer are polynomials in ln E and the logarithm of its hits; the shape that is left
depends on the hits alone and is the same for all layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from offline.calorimeter.transforms.quantile_table import quantile_table, scores_of, values_of

__all__ = ["ShareScores"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_TERMS, _FEWEST = 6, 200


@dataclass(frozen=True, eq=False, slots=True)
class ShareScores:
    """The map for k layers.

    Parameters
    ----------
    scale : ndarray of float64, shape (2,)
        Mean and half-width of ln E.
    mean, log_width : ndarray of float64, shape (k, 6)
        Coefficients of the polynomials.
    nodes : ndarray of float64, shape (m,)
        Logarithms of numbers of hits, rising.
    quantiles : ndarray of float64, shape (m, knots)
        Of the standardised logits.
    """

    scale: FloatArray
    mean: FloatArray
    log_width: FloatArray
    nodes: FloatArray
    quantiles: FloatArray

    @classmethod
    def of(cls, logits: FloatArray, hits: IntArray, incident: FloatArray, known: NDArray[np.bool_]) -> Self:
        """Map of `logits`, shape (n, k), of layers with `hits`, from those that are `known`."""
        logs = np.log(incident)
        scale = np.array([0.5 * (logs.max() + logs.min()), max(0.5 * np.ptp(logs), 1e-9)])
        k = logits.shape[1]
        mean, log_width, rests = np.zeros((k, _TERMS)), np.zeros((k, _TERMS)), []
        for at in range(k):
            rows = np.flatnonzero(known[:, at])
            terms = _terms((logs[rows] - scale[0]) / scale[1], hits[rows, at])
            # a little of each term less: with few rows, all of them could not be told apart
            mean[at] = _solved(terms, logits[rows, at])
            rest = logits[rows, at] - terms @ mean[at]
            # the mean of ln |x| of a normal x of width 1 is -0.635
            log_width[at] = _solved(terms, np.log(np.abs(rest) + 1e-6) + 0.635)
            rests.append(np.stack([np.log(hits[rows, at]), rest * np.exp(-terms @ log_width[at])], axis=1))
        nodes, quantiles = _tables(np.concatenate(rests))
        return cls(scale, mean, log_width, nodes, quantiles)

    def forward(self, logits: FloatArray, hits: IntArray, incident: FloatArray) -> FloatArray:
        """Scores of `logits`, shape (n, k); without meaning where there are no hits."""
        mean, width = self._moments(hits, incident)
        return scores_of((logits - mean) / width, self._table(hits))

    def inverse(self, scores: FloatArray, hits: IntArray, incident: FloatArray) -> FloatArray:
        """Logits of `scores`, shape (n, k)."""
        mean, width = self._moments(hits, incident)
        return values_of(scores, self._table(hits)) * width + mean

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """What a file keeps: the arguments."""
        return {name: getattr(self, name) for name in self.__slots__}

    def _moments(self, hits: IntArray, incident: FloatArray) -> tuple[FloatArray, FloatArray]:
        at = np.clip((np.log(incident) - self.scale[0]) / self.scale[1], -1.0, 1.0)
        terms = _terms(at[:, None], np.maximum(hits, 1))
        mean, log_width = (np.einsum("nkt,kt->nk", terms, part) for part in (self.mean, self.log_width))
        return mean, np.exp(np.clip(log_width, -12.0, 4.0))

    def _table(self, hits: IntArray) -> FloatArray:
        """Quantiles for each number of hits, shape (n, k, knots)."""
        every = np.arange(max(int(hits.max(initial=1)), 1) + 1)
        place = np.interp(np.log(np.maximum(every, 1)), self.nodes, np.arange(len(self.nodes)))
        low = place.astype(np.int64)
        high = np.minimum(low + 1, len(self.nodes) - 1)
        table = self.quantiles[low] + (place - low)[:, None] * (self.quantiles[high] - self.quantiles[low])
        return np.asarray(table[hits])


def _terms(at: FloatArray, hits: IntArray) -> FloatArray:
    """Products up to the second order of scaled ln E and ln of hits, shape (..., 6)."""
    logs = np.log(hits) / 3.0
    at = np.broadcast_to(at, logs.shape)
    return np.stack([np.ones_like(logs), at, logs, at * at, at * logs, logs * logs], axis=-1)


def _solved(terms: FloatArray, values: FloatArray) -> FloatArray:
    """Least squares, with a small pull to zero on all coefficients but the constant."""
    pull = 1e-3 * len(values) * np.diag([0.0] + [1.0] * (_TERMS - 1)) / (1 + len(values) / 100)
    return np.asarray(np.linalg.solve(terms.T @ terms + pull + 1e-9 * np.eye(_TERMS), terms.T @ values))


def _tables(rests: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Nodes in the logarithm of hits and quantiles there, from rows of (ln hits, standardised logit)."""
    order = rests[np.argsort(rests[:, 0], kind="stable")]
    nodes = np.unique(np.log(np.round(np.geomspace(1, max(np.exp(order[-1, 0]), 1.0), 12))))
    tables = []
    for node in nodes:
        near = order[np.abs(order[:, 0] - node) < 0.2]
        if len(near) < _FEWEST:
            near = order[np.argsort(np.abs(order[:, 0] - node), kind="stable")[:_FEWEST]]
        tables.append(quantile_table(near[:, 1:])[0])
    return nodes, np.stack(tables)
