"""Unfolding of a histogram without any regularisation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from l1ml.errors import ConfigError, DataError
from offline.unfolding.classical.binned import Errors, EventsInBins, Solution, background_of
from offline.unfolding.classical.binning import Bins
from offline.unfolding.classical.response import Histogram, ResponseMatrix
from offline.unfolding.sample import FloatArray

__all__ = ["Inversion", "spread_of"]


@dataclass(frozen=True, slots=True)
class Inversion(EventsInBins):
    """Least squares of the response alone: the matrix inverted where both levels have equally many bins. Unbiased, and noisy.

    Minimises sum_j (d_j - b_j - sum_i P_ji t_i)^2 / V_j (Cowan, *Statistical Data Analysis*, 11.2).

    Parameters
    ----------
    bins : Bins
        Bins of both levels; at reconstruction at least as many as at generation.
    largest_condition : float
        Condition number of the weighted response above which there is nothing but noise to gain, and an error.
    errors : Errors
        Covariance that is wanted.
    """

    bins: Bins = field(default_factory=Bins)
    largest_condition: float = 1e10
    errors: Errors = field(default_factory=Errors)

    def __post_init__(self) -> None:
        if not self.largest_condition >= 1:
            msg = f"largest_condition must be at least 1, received {self.largest_condition}"
            raise ConfigError(msg)

    @property
    def name(self) -> str:
        """``inversion``."""
        return "inversion"

    def solve(self, response: ResponseMatrix, data: Histogram, *, jacobian: bool = False) -> Solution:
        """Unfold a histogram.

        Parameters
        ----------
        response : ResponseMatrix
            From the simulation.
        data : Histogram
            What was measured.
        jacobian : bool
            Whether the derivative is wanted too.

        Raises
        ------
        DataError
            If there are fewer bins at reconstruction than at generation, or the response is singular.
        """
        n_reco, n_gen = response.matrix.shape
        if n_reco < n_gen:
            msg = f"{n_gen} bins at generation cannot be had from {n_reco} at reconstruction: use at least as many there"
            raise DataError(msg)
        spread = spread_of(data)
        left, singular, right = np.linalg.svd(response.matrix / spread[:, None], full_matrices=False)
        condition = float(singular[0] / singular[-1]) if singular[-1] > 0 else float("inf")
        if not condition <= self.largest_condition:
            msg = (
                f"the response has the condition number {condition:.1e}, more than largest_condition = "
                f"{self.largest_condition:.1e}: use wider bins, or a method that regularises (ibu, svd)"
            )
            raise DataError(msg)
        inverse = (right.T / singular) @ (left.T / spread)
        background = background_of(response, data)
        # the expected fakes scale with the total of the data
        slope = inverse - (inverse @ background / data.values.sum())[:, None] if jacobian else None
        return Solution((inverse @ (data.values - background))[None], slope, {"condition": condition})


def spread_of(data: Histogram) -> FloatArray:
    """Standard deviation of each bin; an empty one has the smallest of all, often that of a single event."""
    filled = data.variance > 0
    return np.asarray(np.sqrt(np.where(filled, data.variance, data.variance[filled].min())))
