"""A ratio that an ensemble of networks stands for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from l1ml.errors import DataError
from offline.inference.arrays import FloatArray
from offline.inference.networks.observations import Scaling
from offline.inference.prior import Prior

if TYPE_CHECKING:
    from offline.density.training import Learner

__all__ = ["EnsembleRatio"]


class EnsembleRatio:
    """A `LikelihoodRatio`.

    Parameters
    ----------
    prior : Prior
        Of the parameters.
    coordinates : callable
        From parameters to what networks read of them, shapes (n, d).
    scaling : Scaling
        Of observations.
    learner : Learner
        The networks, whose draws are logarithms of ratios, one column for each member.
    """

    def __init__(self, prior: Prior, coordinates: Callable[[FloatArray], FloatArray], scaling: Scaling, learner: Learner) -> None:
        self._prior, self._coordinates, self._scaling, self._learner = prior, coordinates, scaling, learner

    @property
    def prior(self) -> Prior:
        """Of the parameters."""
        return self._prior

    def log_ratio(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """Shape (n,), of parameters of shape (n, d) and observations of shape (n, k): the mean over members.

        Raises
        ------
        DataError
            If parameters are outside the prior, where nothing was learnt, or shapes do not fit.
        """
        return np.asarray(self.log_ratio_each(theta, x).mean(axis=1))

    def log_ratio_each(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """That of each member, shape (n, members)."""
        self._prior.check(theta)
        if x.shape != (len(theta), len(self._scaling.centre)):
            msg = f"observations of shape {x.shape} do not fit: expected ({len(theta)}, {len(self._scaling.centre)})"
            raise DataError(msg)
        return self._learner.draw_from(self._coordinates(theta), self._scaling(x))
