"""Iterative Bayesian unfolding of a histogram."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from l1ml.errors import ConfigError
from offline.unfolding.classical.binned import Errors, EventsInBins, Solution, background_of
from offline.unfolding.classical.binning import Bins
from offline.unfolding.classical.response import Histogram, ResponseMatrix
from offline.unfolding.sample import FloatArray

__all__ = ["Ibu"]


@dataclass(frozen=True, slots=True)
class Ibu(EventsInBins):
    """D'Agostini's iterative Bayesian unfolding (NIM A 362 (1995) 487), expectation maximisation of a likelihood.

    With the response P_ji, the efficiency eps_i = sum_j P_ji and the expected fakes b_j, an iteration takes the spectrum t to

        t'_i = t_i / eps_i sum_j P_ji d_j / f_j,    f_j = sum_i P_ji t_i + b_j.

    The covariance follows the dependence of every iteration on all before it (Adye, arXiv:1105.1160); the form of 1995 left that
    out and gives errors that are too small.

    Parameters
    ----------
    bins : Bins
        Bins of both levels.
    iterations : int
        How many; the fewer, the more of the simulated spectrum remains.
    errors : Errors
        Covariance that is wanted.
    """

    bins: Bins = field(default_factory=Bins)
    iterations: int = 4
    errors: Errors = field(default_factory=Errors)

    def __post_init__(self) -> None:
        if self.iterations < 1:
            msg = f"iterations must be at least 1, received {self.iterations}"
            raise ConfigError(msg)

    @property
    def name(self) -> str:
        """``ibu``."""
        return "ibu"

    def solve(self, response: ResponseMatrix, data: Histogram, *, jacobian: bool = False) -> Solution:
        """Unfold a histogram.

        Parameters
        ----------
        response : ResponseMatrix
            From the simulation; its spectrum is the start.
        data : Histogram
            What was measured.
        jacobian : bool
            Whether to follow the derivatives too: two more products of matrices an iteration.
        """
        total = data.values.sum()
        background = background_of(response, data)
        truth = response.gen * (total / response.reco_total)
        slope = np.outer(truth / total, np.ones_like(data.values)) if jacobian else None
        stages = np.empty((self.iterations, truth.size))
        for index in range(self.iterations):
            truth, slope = _step(response, data.values, background, truth, slope)
            stages[index] = truth
        return Solution(stages, slope, {"iterations": self.iterations})


def _step(
    response: ResponseMatrix, data: FloatArray, background: FloatArray, truth: FloatArray, slope: FloatArray | None
) -> tuple[FloatArray, FloatArray | None]:
    """One iteration of the spectrum and of its derivative by the data.

    A bin that is never reconstructed keeps its yield; one that subtracted background would make negative ends at zero.
    """
    matrix, seen = response.matrix, response.efficiency > 0
    folded = matrix @ truth + background
    inverse = np.divide(1.0, folded, out=np.zeros_like(folded), where=folded > 0)
    per_event = np.divide(1.0, response.efficiency, out=np.zeros_like(truth), where=seen)
    ratio = np.where(seen, np.maximum(per_event * (matrix.T @ (data * inverse)), 0.0), 1.0)
    if slope is None:
        return truth * ratio, None
    # the total of the data scales start and fakes, hence the last term of the derivative of what is folded
    by_data = matrix @ slope + (background / data.sum())[:, None]
    share = (truth * per_event * (ratio > 0))[:, None] * matrix.T * inverse
    return truth * ratio, share + ratio[:, None] * slope - (share * (data * inverse)) @ by_data
