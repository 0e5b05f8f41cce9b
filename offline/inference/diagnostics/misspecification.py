"""Whether what was observed looks like anything that the simulator makes (maximum mean discrepancy, JMLR 13 (2012) 723)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.errors import DataError
from offline.inference.arrays import FloatArray

__all__ = ["Misspecification", "misspecification"]

_ROWS = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Misspecification:
    """Distance of observations from simulations.

    Parameters
    ----------
    distance : float
        Squared maximum mean discrepancy.
    permuted : ndarray of float64, shape (permutations,)
        The same where as many simulations are called observed.
    """

    distance: float
    permuted: FloatArray

    @property
    def score(self) -> float:
        """Standard deviations above the mean of the permutations."""
        return float((self.distance - self.permuted.mean()) / max(self.permuted.std(), np.finfo(np.float64).tiny))

    @property
    def p_value(self) -> float:
        """Share of permutations that are as far, this one included: exact."""
        return float((1 + (self.permuted >= self.distance).sum()) / (1 + len(self.permuted)))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"distance": self.distance, "score": self.score, "p_value": self.p_value}


def misspecification(
    observed: FloatArray, simulated: FloatArray, rng: np.random.Generator, *, permutations: int = 999
) -> Misspecification:
    """Test that observations come from where simulations do.

    Parameters
    ----------
    observed : ndarray of float64, shape (m, k)
        One observation or more, or summaries of them.
    simulated : ndarray of float64, shape (n, k)
        The same of simulations from the prior; at most 2000 of them are used.
    rng : Generator
        Of the choice and of the permutations.
    permutations : int
        How many.
    """
    if observed.ndim != 2 or simulated.ndim != 2 or observed.shape[1] != simulated.shape[1] or len(simulated) < 20:
        msg = f"observed {observed.shape} and simulated {simulated.shape} cannot be compared: expected (m, k) and (n >= 20, k)"
        raise DataError(msg)
    used = simulated[rng.permutation(len(simulated))[:_ROWS]]
    spread = used.std(axis=0)
    every = np.concatenate([observed, used]) / np.where(spread > 0, spread, 1.0)
    norm = np.square(every).sum(axis=1)
    square = np.maximum(norm[:, None] + norm - 2 * every @ every.T, 0.0)
    kernel = np.exp(-square / (2 * max(float(np.median(square[len(observed) :, len(observed) :])), np.finfo(np.float64).tiny)))
    found = _distances(kernel, len(observed), np.arange(len(every))[None])
    order = rng.permuted(np.tile(np.arange(len(every)), (permutations, 1)), axis=1)
    return Misspecification(float(found[0]), _distances(kernel, len(observed), order))


def _distances(kernel: FloatArray, m: int, order: Any) -> FloatArray:
    """Squared discrepancy between the first `m` and the other rows of each `order`, shape (len(order),)."""
    sign = np.full(order.shape, -1.0 / (order.shape[1] - m))
    np.put_along_axis(sign, order[:, :m], 1.0 / m, axis=1)
    return np.asarray(((sign @ kernel) * sign).sum(axis=1))
