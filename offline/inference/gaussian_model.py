"""A linear model with Gaussian noise, whose posterior is known: what others are measured by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from l1ml.errors import ConfigError
from offline.inference.arrays import FloatArray
from offline.inference.distributions import Normal
from offline.inference.prior import Prior
from offline.inference.simulations import Simulations

__all__ = ["GaussianModel", "GaussianPosterior"]


@dataclass(frozen=True)
class GaussianModel:
    """x = A theta + noise, with standard normal parameters and noise.

    Parameters
    ----------
    response : tuple of tuples of float
        A, k rows of d numbers.
    noise : float
        Standard deviation of the noise of each of the k numbers.
    """

    response: tuple[tuple[float, ...], ...] = ((1.0, 0.0), (0.5, 1.0), (0.0, -0.7))
    noise: float = 0.5

    def __post_init__(self) -> None:
        if not self.response or len({len(row) for row in self.response}) > 1 or self.noise <= 0:
            msg = f"a response needs rows of one length and the noise must be positive, received {self.response} and {self.noise}"
            raise ConfigError(msg)

    @property
    def matrix(self) -> FloatArray:
        """A, shape (k, d)."""
        return np.array(self.response, np.float64)

    @property
    def prior(self) -> Prior:
        """Standard normal parameters a, b, c, ..."""
        return Prior({chr(ord("a") + index): Normal(0.0, 1.0) for index in range(len(self.response[0]))})

    def __call__(self, theta: FloatArray, rng: np.random.Generator) -> FloatArray:
        """An observation for each row of `theta`, shape (n, k)."""
        return theta @ self.matrix.T + self.noise * rng.standard_normal((len(theta), len(self.response)))

    def posterior(self, *, widen: float = 1.0, shift: float = 0.0) -> GaussianPosterior:
        """The exact posterior; or a wrong one, whose widths are `widen` times too large or all means `shift` of them off."""
        return GaussianPosterior(self, widen, shift)


@dataclass(frozen=True)
class GaussianPosterior:
    """Of a `GaussianModel`; see `GaussianModel.posterior`."""

    model: GaussianModel
    widen: float
    shift: float

    @property
    def prior(self) -> Prior:
        """Of the model."""
        return self.model.prior

    @cached_property
    def covariance(self) -> FloatArray:
        """Exact covariance of the parameters, shape (d, d): the same for all observations."""
        matrix = self.model.matrix
        return np.asarray(np.linalg.inv(np.eye(matrix.shape[1]) + matrix.T @ matrix / self.model.noise**2), np.float64)

    def means(self, x: FloatArray) -> FloatArray:
        """Mean of the parameters given each observation of shape (n, k); shape (n, d)."""
        exact: FloatArray = x @ self.model.matrix @ self.covariance / self.model.noise**2
        off: FloatArray = self.shift * np.sqrt(np.diag(self.covariance))
        return exact + off

    def sample(self, x: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
        """Draws, shape (n, d), given an observation of shape (k,)."""
        return np.asarray(self._draws(x[None], n, rng)[0])

    def sample_each(self, simulations: Simulations, n: int, rng: np.random.Generator) -> FloatArray:
        """Draws given each observation, shape (rows, n, d)."""
        return self._draws(simulations.x, n, rng)

    def log_density_each(self, simulations: Simulations, theta: FloatArray) -> FloatArray:
        """Logarithm of the density, shape (rows, n)."""
        root = self._root
        pull = np.linalg.solve(root, np.moveaxis(theta - self.means(simulations.x)[:, None], -1, -2))
        logarithm = np.log(np.diag(root)).sum() + 0.5 * len(root) * math.log(2 * math.pi)
        return np.asarray(-0.5 * np.square(pull).sum(axis=-2) - logarithm)

    @property
    def _root(self) -> FloatArray:
        """Lower triangle whose square is the covariance of the draws."""
        return np.asarray(self.widen * np.linalg.cholesky(self.covariance), np.float64)

    def _draws(self, x: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
        noise = rng.standard_normal((len(x), n, len(self.covariance)))
        return np.asarray(self.means(x)[:, None] + noise @ self._root.T)
