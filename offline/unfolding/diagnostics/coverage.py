"""How often intervals hold the truth, over toys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from l1ml._optional import require
from l1ml.progress import SILENT, Progress
from offline.unfolding.method import NO_CHECKPOINT, Checkpoint, UnfoldingMethod
from offline.unfolding.replicas.uncertainties import Uncertainties
from offline.unfolding.replicas.unfolding import unfold
from offline.unfolding.sample import FloatArray, Simulation
from offline.unfolding.spectrum import SYSTEMATIC
from offline.unfolding.unfolded import Unfolded

__all__ = ["ONE_SIGMA", "Coverage", "Quantity", "Toy", "coverage", "mean_of", "spread_of", "yield_of"]

ONE_SIGMA = 0.6826894921370859
"""Probability of a normal variable within one standard deviation."""

Quantity = Callable[[FloatArray, FloatArray], float]
"""A number of events of shape (n, d) with weights of shape (n,)."""


class Toy(Protocol):
    """Where the events come from; see `GaussianToy`."""

    def simulation(self, n: int, rng: np.random.Generator) -> Simulation:
        """`n` simulated events."""

    def nature(self, n: int, rng: np.random.Generator) -> Simulation:
        """`n` events of nature."""


@dataclass(frozen=True, eq=False, slots=True)
class Coverage:
    """Estimates and errors of all toys.

    Parameters
    ----------
    names : tuple of str
        Of the k quantities.
    truth : ndarray of float64, shape (k,)
        Their true values.
    estimates, errors : ndarray of float64, shape (toys, k)
        Each toy's value and the standard deviation that its replicas give; the interval is one on either side.
    """

    names: tuple[str, ...]
    truth: FloatArray
    estimates: FloatArray
    errors: FloatArray

    @property
    def n(self) -> int:
        """Number of toys."""
        return len(self.estimates)

    @property
    def pulls(self) -> FloatArray:
        """Distances to the truth in errors, shape (toys, k)."""
        return (self.estimates - self.truth) / self.errors

    @property
    def covered(self) -> FloatArray:
        """Share of the toys whose interval holds the truth, shape (k,)."""
        return np.asarray((np.abs(self.pulls) <= 1).mean(axis=0))

    @property
    def intervals(self) -> FloatArray:
        """68.27 % Clopper-Pearson interval of each share, shape (2, k)."""
        hits, beta = np.rint(self.covered * self.n), require("scipy.stats").beta
        tail = (1 - ONE_SIGMA) / 2
        low = np.where(hits > 0, beta.ppf(tail, np.maximum(hits, 1), self.n - hits + 1), 0.0)
        high = np.where(hits < self.n, beta.ppf(1 - tail, hits + 1, np.maximum(self.n - hits, 1)), 1.0)
        return np.stack([low, high])

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: for each quantity truth, mean and spread of estimates, mean error, coverage, pulls."""
        low, high = self.intervals
        return {
            "n_toys": self.n,
            "expected": ONE_SIGMA,
            "quantities": {
                name: {
                    "truth": float(self.truth[k]),
                    "mean": float(self.estimates[:, k].mean()),
                    "spread": float(self.estimates[:, k].std(ddof=1)),
                    "error": float(self.errors[:, k].mean()),
                    "coverage": float(self.covered[k]),
                    "interval": [float(low[k]), float(high[k])],
                    "pulls": self.pulls[:, k].tolist(),
                }
                for k, name in enumerate(self.names)
            },
        }


def coverage(
    method: UnfoldingMethod,
    toy: Toy,
    n_toys: int,
    quantities: Mapping[str, Quantity],
    truth: Mapping[str, float],
    *,
    n: tuple[int, int] = (10_000, 10_000),
    uncertainties: Uncertainties | None = None,
    seed: int = 1,
    progress: Progress = SILENT,
    checkpoint: Checkpoint = NO_CHECKPOINT,
) -> Coverage:
    """Unfold `n_toys` independent toys, with errors, and compare with the truth.

    Parameters
    ----------
    method : UnfoldingMethod
        Any method.
    toy : Toy
        Draws simulation and nature of every toy.
    n_toys : int
        How many; the share of 100 toys is known to 0.05.
    quantities : mapping of str to callable
        Numbers of the unfolded events, for instance `mean_of`.
    truth : mapping of str to float
        What they are in nature; yields as expectations.
    n : tuple of int
        Simulated true events, and expected true events of nature, whose number is Poisson distributed.
    uncertainties : Uncertainties, optional
        Replicas of each toy.
    seed : int
        Toy k is made of this seed and k alone.
    progress, checkpoint
        Toys are counted and kept one by one.
    """
    names = tuple(quantities)
    progress.start("toys", n_toys)
    rows = []
    for k in range(n_toys):
        step = f"toy {k}"
        kept = checkpoint.read(step)
        if kept is None:
            rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(k,)))
            mc, data = toy.simulation(n[0], rng), toy.nature(int(rng.poisson(n[1])), rng).measured()
            result = unfold(method, mc, data, uncertainties, seed=int(rng.integers(2**32)))
            kept = {"estimates": _evaluated(result, quantities), "errors": _errors(result, quantities)}
            checkpoint.write(step, kept)
        rows.append(kept)
        progress.advance()
    progress.finish()
    estimates, errors = (np.stack([row[name] for row in rows]) for name in ("estimates", "errors"))
    return Coverage(names, np.array([truth[name] for name in names]), estimates, errors)


def _evaluated(result: Unfolded, quantities: Mapping[str, Quantity]) -> FloatArray:
    return np.array([quantity(result.gen, result.weight) for quantity in quantities.values()])


def _errors(result: Unfolded, quantities: Mapping[str, Quantity]) -> FloatArray:
    """Standard deviation of each quantity: kinds of draws added in quadrature, as in `Spectrum.covariance`, and shifts."""
    nominal, values = _evaluated(result, quantities), dict[str, list[FloatArray]]()
    for item in result.replicas:
        gen = result.gen if item.gen is None else item.gen
        values.setdefault(item.kind, []).append(np.array([quantity(gen, item.weight) for quantity in quantities.values()]))
    variance = np.zeros(nominal.size)
    for kind, found in values.items():
        shifts = kind.startswith(SYSTEMATIC)
        variance += np.mean((np.array(found) - nominal) ** 2, axis=0) if shifts else np.var(found, axis=0, ddof=1)
    return np.sqrt(variance)


def mean_of(column: int) -> Quantity:
    """Weighted mean of a column."""

    def mean(gen: FloatArray, weight: FloatArray) -> float:
        return float(np.average(gen[:, column], weights=weight))

    return mean


def spread_of(column: int) -> Quantity:
    """Weighted standard deviation of a column."""

    def spread(gen: FloatArray, weight: FloatArray) -> float:
        mean = np.average(gen[:, column], weights=weight)
        return float(np.sqrt(max(np.average((gen[:, column] - mean) ** 2, weights=weight), 0.0)))

    return spread


def yield_of(column: int, low: float, high: float) -> Quantity:
    """Total weight with low <= column < high."""

    def total(gen: FloatArray, weight: FloatArray) -> float:
        return float(weight[(gen[:, column] >= low) & (gen[:, column] < high)].sum())

    return total
