"""Which sensors can be neighbours: within a distance, at the places of a pattern, or among the nearest ones."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError
from l1ml.hardware.detector import Detector

__all__ = ["EpsilonRule", "GraphRule", "NearestRule", "PatternRule"]

Pairs = NDArray[np.bool_]
"""Shape (n_sensors, n_sensors): whether a sensor (row) can have another (column) as its neighbour; never itself."""


class GraphRule(Protocol):
    """How neighbours are chosen."""

    @property
    def limit(self) -> int:
        """Most hits that a hit takes as neighbours, the nearest first; 0: all that can be."""

    def pairs(self, detector: Detector) -> Pairs:
        """What can be neighbours in `detector`, whatever is hit."""


@dataclass(frozen=True, slots=True)
class EpsilonRule:
    """All hits within `distance_cm` (epsilon-NN)."""

    distance_cm: float

    def __post_init__(self) -> None:
        if not (isfinite(self.distance_cm) and self.distance_cm > 0):
            msg = f"distance_cm must be positive, received {self.distance_cm}"
            raise ConfigError(msg)

    @property
    def limit(self) -> int:
        """See `GraphRule`."""
        return 0

    def pairs(self, detector: Detector) -> Pairs:
        """See `GraphRule`."""
        return _others(distances(detector) <= self.distance_cm)


@dataclass(frozen=True, slots=True)
class PatternRule:
    """Hits at fixed places around a sensor (p-NN).

    Parameters
    ----------
    offsets : tuple of (int, int)
        Steps in layer, and in place from the sensor of that layer that is nearest in azimuth; of two as near as each other, where
        layers are staggered, from the lower one. Neighbours are mutual: what one sensor reaches reaches it.

    Raises
    ------
    ConfigError
        If there is none, or one is the sensor itself.
    """

    offsets: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if not self.offsets or any(len(item) != 2 for item in self.offsets) or (0, 0) in [tuple(item) for item in self.offsets]:
            msg = f"offsets are pairs (layers, places) other than (0, 0), received {list(self.offsets)}"
            raise ConfigError(msg)

    @property
    def limit(self) -> int:
        """See `GraphRule`."""
        return 0

    def pairs(self, detector: Detector) -> Pairs:
        """See `GraphRule`."""
        reached = np.zeros((detector.n_sensors, detector.n_sensors), np.bool_)
        for layers, places in self.offsets:
            for layer in range(len(detector.layers)):
                if 0 <= layer + layers < len(detector.layers):
                    _reach(reached, detector, layer, layer + layers, places)
        return _others(reached | reached.T)


@dataclass(frozen=True, slots=True)
class NearestRule:
    """The `k` nearest hits (k-NN) among the `candidates` nearest sensors; equally near ones in the order of their numbers.

    A hit has the same neighbours as among all sensors if `k` of its candidates are hit. Neighbours need not be mutual.

    Raises
    ------
    ConfigError
        If `k` is not at least 1 and at most `candidates`.
    """

    k: int
    candidates: int

    def __post_init__(self) -> None:
        if not 1 <= self.k <= self.candidates:
            msg = f"k must be at least 1 and at most the number of candidates, received {self.k} and {self.candidates}"
            raise ConfigError(msg)

    @property
    def limit(self) -> int:
        """See `GraphRule`."""
        return self.k

    def pairs(self, detector: Detector) -> Pairs:
        """See `GraphRule`."""
        n = detector.n_sensors
        found = np.zeros((n, n), np.bool_)
        nearest = by_distance(distances(detector))[:, : self.candidates]
        found[np.arange(n)[:, None], nearest] = True
        return _others(found)


def distances(detector: Detector) -> NDArray[np.float64]:
    """Distance of each two sensors in cm, rounded to a micrometre, so that equal ones are equal; infinite to itself."""
    steps = detector.positions[:, None] - detector.positions
    distance = np.asarray(np.round(np.hypot(steps[..., 0], steps[..., 1]), 4), dtype=np.float64)
    np.fill_diagonal(distance, np.inf)
    return distance


def by_distance(distance: NDArray[np.float64]) -> NDArray[np.int64]:
    """Columns of each row, nearest first and equal ones in order; without the sensor itself, shape (n, n - 1)."""
    return np.argsort(distance, axis=1, kind="stable")[:, :-1]


def _others(pairs: Pairs) -> Pairs:
    """`pairs` without those of a sensor with itself."""
    return np.asarray(pairs & ~np.eye(len(pairs), dtype=np.bool_))


def _reach(reached: Pairs, detector: Detector, layer: int, other: int, places: int) -> None:
    """Mark what the sensors of `layer` reach in the layer `other`, `places` beside the one nearest in azimuth."""
    sensors = np.arange(detector.first[layer], detector.first[layer + 1])
    place = detector.place(other, detector.nearest_step(other, detector.phi[sensors]) + places)
    reached[sensors[place >= 0], detector.first[other] + place[place >= 0]] = True
