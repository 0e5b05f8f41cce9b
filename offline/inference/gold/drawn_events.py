"""Events of a weighted sample, drawn as often as their weights say: unweighted ones at any parameters, with repetitions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offline.inference.arrays import FloatArray, IntArray
from offline.inference.gold.weighted_events import WeightedEvents

__all__ = ["DrawnEvents", "rows_drawn", "shares_of"]


@dataclass(frozen=True, slots=True)
class DrawnEvents:
    """A `Simulator` of single events, for toys: many rows with the same parameters, as toys have them, cost little.

    Parameters
    ----------
    events : WeightedEvents
        What is drawn from; of events that were trained on toys would show less than they should.
    """

    events: WeightedEvents

    def __call__(self, theta: FloatArray, rng: np.random.Generator, /) -> FloatArray:
        """Observations, shape (n, k), at parameters of shape (n, d)."""
        points, place = np.unique(theta, axis=0, return_inverse=True)
        x = np.empty((len(theta), self.events.x.shape[1]))
        for index, point in enumerate(points):
            rows = np.flatnonzero(place.ravel() == index)
            x[rows] = self.events.x[rows_drawn(shares_of(self.events, point), len(rows), rng)]
        return x


def shares_of(events: WeightedEvents, theta: FloatArray) -> FloatArray:
    """Probability of each event of the sample at one point."""
    weight = events.weights_at(theta)
    return np.asarray(weight / weight.sum())


def rows_drawn(share: FloatArray, n: int, rng: np.random.Generator) -> IntArray:
    """`n` events drawn with these probabilities."""
    total = np.cumsum(share)
    return np.asarray(np.minimum(np.searchsorted(total, rng.random(n) * total[-1], side="right"), len(share) - 1))
