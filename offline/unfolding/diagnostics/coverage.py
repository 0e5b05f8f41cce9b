"""How often intervals hold the truth, over toys."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.progress import SILENT, Progress
from offline.unfolding.diagnostics.toy_job import Toy, ToyJob, ToyStudy
from offline.unfolding.method import NO_CHECKPOINT, Checkpoint, UnfoldingMethod
from offline.unfolding.quantities import Quantity
from offline.unfolding.replicas.kept_jobs import run_kept
from offline.unfolding.replicas.uncertainties import Uncertainties
from offline.unfolding.sample import FloatArray

__all__ = ["ONE_SIGMA", "Coverage", "coverage"]


ONE_SIGMA = 0.6826894921370859
"""Probability of a normal variable within one standard deviation."""


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
    workers: int = 1,
    scheduler: str | None = None,
    folder: Path | None = None,
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
    quantities : mapping of str to Quantity
        Numbers of the unfolded events, for instance `Mean()`.
    truth : mapping of str to float
        What they are in nature; yields as expectations.
    n : tuple of int
        Simulated true events, and expected true events of nature, whose number is a Poisson one.
    uncertainties : Uncertainties, optional
        Replicas of each toy.
    seed : int
        Toy k is made of this seed and k alone, whoever makes it.
    workers, scheduler, folder
        As for `offline.unfolding.replicas.unfold`, for whole toys.
    progress, checkpoint
        Toys are counted and kept one by one.

    Notes
    -----
    What keeps the share from 0.68 where nothing is wrong (measured in tests/benchmarks/test_unfolding_coverage_in_bins.py):

    * Bias. Replicas tell how far an estimate would scatter, never how far it is off: the memory of the simulation that is left
      where iterations stop early (IBU at smear 1: 0.13 after 1, 0.25 after 4, 0.68 after 20), the simulated truth within bins
      (0.02 less in bins of two resolutions), a density too stiff for the data.
    * Simulation of finite size, where no replicas of kind ``mc`` are asked for.
    * Choices that a method makes from the data, such as the k of `Svd`.
    * Few replicas cost little: 0.01 for 25. Percentiles of so few would cost 0.05, hence standard deviations.
    * Quantities of one toy are correlated, and so are methods that see the same toys: they are off together.

    The truth is that of nature, of which a toy is one draw; an interval for the truth of the drawn events would be shorter.
    """
    study = ToyStudy(method, toy, tuple(quantities.values()), n, uncertainties, seed)
    rows = {k: kept for k in range(n_toys) if (kept := checkpoint.read(_step(k))) is not None}
    progress.start("toys", n_toys)
    progress.advance(len(rows))
    waiting = [k for k in range(n_toys) if k not in rows]

    def keep(k: int, row: Mapping[str, NDArray[Any]]) -> None:
        checkpoint.write(_step(k), row)
        rows[k] = row

    if workers == 1 and scheduler is None:
        for k in waiting:
            keep(k, study.run(k))
            progress.advance()
    else:
        with tempfile.TemporaryDirectory(prefix="l1ml-toys-", dir=folder, ignore_cleanup_errors=True) as place:
            jobs = [ToyJob(Path(place).absolute(), study, k) for k in waiting]
            run_kept("toys", jobs, lambda job: keep(job.k, job.read()), workers=workers, scheduler=scheduler, progress=progress)
    progress.finish()
    estimates, errors = (np.stack([rows[k][name] for k in range(n_toys)]) for name in ("estimates", "errors"))
    return Coverage(tuple(quantities), np.array([truth[name] for name in quantities]), estimates, errors)


def _step(k: int) -> str:
    """Name of a toy in a checkpoint."""
    return f"toy {k}"
