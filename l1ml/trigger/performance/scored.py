"""Crossings of one process as the trigger judges them: a score word, and whether a classical seed fires anyway."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.trigger.conditions.score_conditions import score_words
from l1ml.trigger.rates.sample import WeightedSample

__all__ = ["ScoredSample"]


@dataclass(frozen=True, eq=False, slots=True)
class ScoredSample:
    """Crossings of one process.

    Parameters
    ----------
    sample : WeightedSample
        Their weights and draws.
    group : ndarray of uint64, shape (n,)
        The generated collision of each; equal in two samples where they share it.
    words : ndarray of int64, shape (n,)
        Score words.
    classical : ndarray of bool, shape (n,)
        Whether a seed without a score fires.
    """

    sample: WeightedSample
    group: NDArray[np.uint64]
    words: NDArray[np.int64]
    classical: NDArray[np.bool_]

    @classmethod
    def of(cls, name: str, events: Events, words: NDArray[np.int64], classical: NDArray[np.bool_]) -> ScoredSample:
        """Sample of `events` of the process `name`.

        Raises
        ------
        DataError
            If there is not one integer word for each crossing, weights are all zero, negative or not finite, or all crossings
            are of one generated collision.
        """
        return cls(WeightedSample.of(events), events.group, score_words(name, {name: words}, events.n), classical)

    @property
    def n(self) -> int:
        """Number of crossings."""
        return int(self.words.size)
