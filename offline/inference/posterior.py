"""What inference gives: draws of the parameters, their density where there is one, ratios of likelihoods."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from offline.inference.arrays import FloatArray
from offline.inference.prior import Prior
from offline.inference.simulations import Simulations

__all__ = ["DensePosterior", "LikelihoodRatio", "Posterior"]


class Posterior(Protocol):
    """p(theta | x), for any x."""

    @property
    def prior(self) -> Prior:
        """Of the parameters."""

    def sample(self, x: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
        """`n` draws, shape (n, d), given one observation, shape (k,), or one set of events, shape (m, k)."""

    def sample_each(self, simulations: Simulations, n: int, rng: np.random.Generator) -> FloatArray:
        """`n` draws given each observation of `simulations`, shape (rows, n, d); their parameters are not looked at."""


@runtime_checkable
class DensePosterior(Posterior, Protocol):
    """A posterior whose density is known."""

    def log_density_each(self, simulations: Simulations, theta: FloatArray) -> FloatArray:
        """Logarithm of the density at `theta`, shape (rows, n, d), given each observation; shape (rows, n)."""


class LikelihoodRatio(Protocol):
    """Logarithm of p(x | theta) over a density that does not depend on theta, of one event or of independent ones."""

    @property
    def prior(self) -> Prior:
        """Of the parameters; outside it nothing was learnt."""

    def log_ratio(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """Shape (n,), of parameters of shape (n, d) and observations of shape (n, k)."""
