"""Numbers of weighted events with their errors; values, so that other processes can have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from offline.unfolding.sample import FloatArray
from offline.unfolding.spectrum import SYSTEMATIC
from offline.unfolding.unfolded import Unfolded

__all__ = ["Mean", "Quantity", "Spread", "Yield", "errors_of", "values_of"]


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


def values_of(gen: FloatArray, weight: FloatArray, quantities: Sequence[Quantity]) -> FloatArray:
    """Each of the `quantities`, shape (their number,)."""
    return np.array([quantity(gen, weight) for quantity in quantities])


def errors_of(unfolded: Unfolded, quantities: Sequence[Quantity]) -> FloatArray:
    """Standard deviation of each of the `quantities` by the replicas of a result, shape (their number,).

    The kinds are added in quadrature; draws and shifts are taken as in `Spectrum.covariance`. Zero without replicas.
    """
    kinds: dict[str, list[FloatArray]] = {}
    for item in unfolded.replicas:
        gen = unfolded.gen if item.gen is None else item.gen
        kinds.setdefault(item.kind, []).append(values_of(gen, item.weight, quantities))
    nominal = values_of(unfolded.gen, unfolded.weight, quantities)
    variance = np.zeros(nominal.size)
    for kind, found in kinds.items():
        shifts = kind.startswith(SYSTEMATIC)
        variance += np.mean((np.array(found) - nominal) ** 2, axis=0) if shifts else np.var(found, axis=0, ddof=1)
    return np.sqrt(variance)
