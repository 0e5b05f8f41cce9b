"""How often a true event is reconstructed, as far as the simulation knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from offline.unfolding.sample import BoolArray, FloatArray

__all__ = ["Efficiency", "probability"]


_ENOUGH = 100
"""Reconstructed truths that a lower bound is taken from."""


def probability(log_odds: FloatArray) -> FloatArray:
    """Probability of these odds, without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * log_odds)))


@dataclass(frozen=True, eq=False)
class Efficiency:
    """Probability of true events to be reconstructed, never below what was seen.

    What is drawn for measured events may leave the simulated truth by a little, and odds that are continued there fall without
    end: one draw beyond a hard edge in pt then weighs as much as a thousand others. Outside of the range of any quantity the
    efficiency is therefore that at its end. And nowhere is it below what the simulation has seen: the share of reconstructed
    truths among those that the odds call least efficient, as many as hold a hundred reconstructed ones, less three standard
    deviations.

    Parameters
    ----------
    log_odds : callable
        Of columns at generation.
    low, high : ndarray of float64, shape (d,)
        Range of the simulated truth.
    least : float
        Lower bound.
    """

    log_odds: Callable[[FloatArray], FloatArray]
    low: FloatArray
    high: FloatArray
    least: float

    @classmethod
    def of(cls, log_odds: Callable[[FloatArray], FloatArray], truth: FloatArray, seen: BoolArray) -> Self:
        """For simulated truths, shape (n, d), of which those `seen`, shape (n,), were reconstructed."""
        order = np.argsort(log_odds(truth), kind="stable")
        found = np.cumsum(seen[order])
        number = int(np.searchsorted(found, min(_ENOUGH, found[-1]))) + 1
        return cls(log_odds, truth.min(axis=0), truth.max(axis=0), _lower_limit(int(found[number - 1]), number))

    def __call__(self, columns: FloatArray) -> tuple[FloatArray, BoolArray]:
        """Efficiency of draws, and which of them took the bound, shape (n,) each."""
        efficiency = probability(self.log_odds(np.clip(columns, self.low, self.high)))
        return np.maximum(efficiency, self.least), np.asarray(efficiency < self.least)

    def record(self, efficiency: FloatArray, bounded: NDArray[np.bool_], weight: FloatArray) -> dict[str, Any]:
        """What was found for draws, as JSON holds it: range, bound, and how many took it with which share of the `weight`."""
        return {
            "efficiency": [float(efficiency.min()), float(efficiency.max())],
            "least_efficiency": self.least,
            "at_least_efficiency": {"draws": int(bounded.sum()), "share": float(weight[bounded].sum() / weight.sum())},
        }


def _lower_limit(successes: int, trials: int, deviations: float = 3.0) -> float:
    """Of a binomial probability (E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209): positive, and below one."""
    share, square = successes / trials, deviations**2 / trials
    width = np.sqrt(square * (share * (1 - share) + 0.25 * square))
    return float((share + 0.5 * square - width) / (1 + square))
