"""The graph of the hits of an event: a table of possible neighbours, and which of them are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from l1ml.hardware.detector import Detector
from l1ml.model.graphs.rules import GraphRule, distances

__all__ = ["HitGraph"]


@dataclass(frozen=True, eq=False)
class HitGraph:
    """Possible neighbours of each sensor of a detector; an event switches them on.

    Parameters
    ----------
    detector : Detector
        What is hit.
    neighbours : ndarray of int64, shape (n_sensors, n_places)
        Possible neighbours of each sensor, the nearest first, -1 where there are no more.
    limit : int
        Most hits that a hit takes as neighbours, the first ones in the table; 0: all that are hit.
    """

    detector: Detector
    neighbours: NDArray[np.int64]
    limit: int

    @classmethod
    def of(cls, detector: Detector, rule: GraphRule) -> Self:
        """The graph of `detector` by `rule`.

        Raises
        ------
        ConfigError
            If no sensor has a neighbour.
        """
        distance = distances(detector)
        allowed = np.where(rule.pairs(detector), distance, np.inf)
        n_places = int(np.isfinite(allowed).sum(axis=1).max())
        if n_places == 0:
            msg = f"no sensor of {detector.name!r} has a neighbour by {rule}; the smallest distance is {distance.min():g} cm"
            raise ConfigError(msg)
        order = np.argsort(allowed, axis=1, kind="stable")[:, :n_places]
        return cls(detector, np.where(np.isfinite(np.take_along_axis(allowed, order, axis=1)), order, -1), rule.limit)

    @property
    def n_places(self) -> int:
        """Most possible neighbours of any sensor."""
        return int(self.neighbours.shape[1])

    @property
    def n_edges(self) -> int:
        """Possible edges, from each sensor to each of its neighbours: what the logic grows with."""
        return int((self.neighbours >= 0).sum())

    def active(self, hits: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which neighbours each sensor has: both are hit, and no more than `limit` before it are.

        Parameters
        ----------
        hits : ndarray of bool, shape (n, n_sensors)

        Returns
        -------
        ndarray of bool, shape (n, n_sensors, n_places)

        Raises
        ------
        DataError
            If the hits are those of another number of sensors.
        """
        if hits.ndim != 2 or hits.shape[1] != self.detector.n_sensors:
            msg = f"detector {self.detector.name!r} has {self.detector.n_sensors} sensors, received hits of shape {hits.shape}"
            raise DataError(msg)
        # the sensor behind the last one is never hit: it is what -1 finds
        there = np.append(hits, np.zeros((len(hits), 1), np.bool_), axis=1)[:, self.neighbours]
        if self.limit:
            there &= np.cumsum(there, axis=2) - there < self.limit
        return np.asarray(there & hits[:, :, None])

    def edges(self, hits: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Undirected edges, shape (n, n_sensors, n_sensors), symmetric: one of the two has the other as its neighbour."""
        return joined(self.active(hits), self.neighbours)


def joined(active: NDArray[np.bool_], neighbours: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Undirected edges, shape (n, n_sensors, n_sensors), from those of a table, (n, n_sensors, n_places)."""
    n_sensors = len(neighbours)
    edges = np.zeros((len(active), n_sensors, n_sensors + 1), np.bool_)
    edges[:, np.arange(n_sensors)[:, None], neighbours] = active
    return np.asarray(edges[..., :-1] | edges[..., :-1].transpose(0, 2, 1))
