"""Numbers of weighted events whose errors are tested; values, so that other processes and files can have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from offline.unfolding.sample import FloatArray

__all__ = ["Mean", "Quantity", "Spread", "Yield"]


class Quantity(Protocol):
    """A number of events."""

    def __call__(self, gen: FloatArray, weight: FloatArray) -> float:
        """Of events of shape (n, d) with weights of shape (n,)."""


@dataclass(frozen=True, slots=True)
class Mean:
    """Weighted mean of a column."""

    column: int = 0

    def __call__(self, gen: FloatArray, weight: FloatArray) -> float:
        """The mean."""
        return float(np.average(gen[:, self.column], weights=weight))


@dataclass(frozen=True, slots=True)
class Spread:
    """Weighted standard deviation of a column; zero where negative weights leave no variance."""

    column: int = 0

    def __call__(self, gen: FloatArray, weight: FloatArray) -> float:
        """The standard deviation."""
        deviation = gen[:, self.column] - np.average(gen[:, self.column], weights=weight)
        return float(np.sqrt(max(np.average(deviation**2, weights=weight), 0.0)))


@dataclass(frozen=True, slots=True)
class Yield:
    """Total weight with low <= column < high."""

    low: float = -np.inf
    high: float = np.inf
    column: int = 0

    def __call__(self, gen: FloatArray, weight: FloatArray) -> float:
        """The total."""
        values = gen[:, self.column]
        return float(weight[(values >= self.low) & (values < self.high)].sum())
