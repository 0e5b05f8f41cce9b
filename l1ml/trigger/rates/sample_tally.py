"""Sums over a whole sample that batches can add to in any order: nothing is rounded on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from l1ml.trigger.rates.draws import Draws
from l1ml.trigger.rates.exact_sums import ExactSums
from l1ml.trigger.rates.sample_sums import SampleSums

__all__ = ["SampleTally"]


@dataclass(frozen=True, eq=False, slots=True)
class SampleTally:
    """What `SampleSums` are rounded from.

    Parameters
    ----------
    n_crossings, n_draws : int
        How many there are.
    weights : ExactSums, shape (2,)
        Of the weights of the draws, and of their squares.
    """

    n_crossings: int = 0
    n_draws: int = 0
    weights: ExactSums = field(default_factory=lambda: ExactSums.zeros(2))

    @classmethod
    def of(cls, draws: Draws) -> Self:
        """Sums over `draws`."""
        weights = draws.draw_weight
        if draws.are_plain:
            return cls(draws.n, draws.n, ExactSums.of_array(np.full(2, float(draws.n))))
        column = np.repeat(np.arange(2), weights.size)
        return cls(draws.n, weights.size, ExactSums.of_entries(column, np.concatenate([weights, np.square(weights)]), 2))

    def __add__(self, other: SampleTally) -> SampleTally:
        """Sums over both samples; no draw may be in both."""
        return SampleTally(self.n_crossings + other.n_crossings, self.n_draws + other.n_draws, self.weights + other.weights)

    @property
    def sums(self) -> SampleSums:
        """The sums, each rounded once."""
        weight, squares = self.weights.floats.tolist()
        return SampleSums(self.n_crossings, self.n_draws, weight, squares)
