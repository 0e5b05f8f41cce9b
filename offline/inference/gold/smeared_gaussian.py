"""A Gaussian seen through a Gaussian detector, whose ratio and score are known: what others are measured by."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from offline.inference.arrays import FloatArray
from offline.inference.distributions import Uniform
from offline.inference.prior import Prior

__all__ = ["SmearedGaussian"]


@dataclass(frozen=True, slots=True)
class SmearedGaussian:
    """z = theta + N(0, `width`^2) and x = z + N(0, `noise`^2), in each of `dimension` columns: a `JointModel`.

    Parameters
    ----------
    dimension : int
        Of theta, z and x.
    width, noise : float
        Standard deviations: of what happens, and of how it is seen.
    """

    dimension: int = 2
    width: float = 1.0
    noise: float = 0.5

    @property
    def prior(self) -> Prior:
        """Parameters a, b, c, ... between -1 and 1."""
        return Prior({chr(ord("a") + index): Uniform(-1.0, 1.0) for index in range(self.dimension)})

    def __call__(self, theta: FloatArray, rng: np.random.Generator, /) -> tuple[FloatArray, FloatArray]:
        """Observations x and what they come from, z, both of shape (n, dimension)."""
        z = theta + self.width * rng.standard_normal(theta.shape)
        return z + self.noise * rng.standard_normal(theta.shape), z

    def log_density(self, theta: FloatArray, z: FloatArray, /) -> FloatArray:
        """Logarithm of p(z | theta), shape (n,)."""
        return _log_normal(z - theta, self.width)

    def score(self, theta: FloatArray, z: FloatArray, /) -> FloatArray:
        """Derivative of `log_density` by theta, shape (n, dimension)."""
        return np.asarray((z - theta) / self.width**2)

    def observed_log_density(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """Logarithm of p(x | theta), shape (n,)."""
        return _log_normal(x - theta, math.hypot(self.width, self.noise))

    def observed_log_ratio(self, theta: FloatArray, x: FloatArray, reference: FloatArray) -> FloatArray:
        """Logarithm of p(x | theta) over the mean of those with the parameters `reference`, shape (r, dimension)."""
        each = np.stack([self.observed_log_density(np.broadcast_to(point, x.shape), x) for point in reference])
        return np.asarray(self.observed_log_density(theta, x) - np.logaddexp.reduce(each, axis=0) + math.log(len(reference)))

    def observed_score(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """Derivative of log p(x | theta) by theta, shape (n, dimension)."""
        return np.asarray((x - theta) / (self.width**2 + self.noise**2))


def _log_normal(difference: FloatArray, width: float) -> FloatArray:
    return np.asarray((-0.5 * np.square(difference / width) - math.log(width) - 0.5 * math.log(2 * math.pi)).sum(axis=-1))
