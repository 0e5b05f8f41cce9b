"""Layer of Keras: a density by denoising at all scales (EDM, arXiv:2206.00364), for what is much narrower than its prior."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from l1ml._optional import require

keras = require("keras")
ops = keras.ops

__all__ = ["DenoisingDensity"]

_MOST = 10.0
"""Largest noise, in units of the spread of z: nothing is left of z in it but a part in a hundred of the variance."""

_CENTRE, _WIDTH = -2.0, 1.7
"""Of the logarithm of the noise in training: nine in ten are between 0.008 and 2.2."""

_RHO = 7.0
"""Of the noises of the integration (equation 5 of the paper)."""

_TURN = 6.0
"""From the logarithm of the noise to the clock of the network, whose waves have a length of 2."""


class DenoisingDensity(keras.layers.Layer):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """z given x by what is left of z after noise: a network learns its mean, and noise follows that to a draw.

    Scaled as in table 1 of the paper for z of unit variance, so that the network has inputs and targets of order one whatever the
    noise, down to `least`: the straight path of `VelocityDensity` leaves structures of that size to a few times near its end.

    Parameters
    ----------
    network : keras.Model
        Takes [z with noise, clock, x].
    n_gen : int
        Dimension of z.
    steps : int
        Noises of the integration; Heun's rule between them takes two evaluations each.
    least : float
        The smallest of them.
    seed : int
        Of noise in training.
    """

    def __init__(self, network: Any, n_gen: int, *, steps: int, least: float, seed: int) -> None:
        super().__init__()
        self.n_drawn = self.n_noise = n_gen
        self.network, self.steps, self.least = network, steps, least
        self.noise = keras.random.SeedGenerator(seed)
        self.built = True

    def event_loss(self, z: Any, x: Any) -> Any:
        """Squared error of the scaled network at a random noise, mean over dimensions, shape (n,)."""
        noise = keras.random.normal(ops.shape(z), seed=self.noise)
        logarithm = _CENTRE + _WIDTH * keras.random.normal((ops.shape(z)[0], 1), seed=self.noise)
        sigma = ops.exp(logarithm)
        seen, variance = z + sigma * noise, 1 + ops.square(sigma)
        target = (z - seen / variance) * ops.sqrt(variance) / sigma
        found = self.network([seen / ops.sqrt(variance), logarithm / _TURN, x])
        return ops.mean(ops.square(found - target), axis=-1)

    def transport(self, noise: Any, x: Any) -> Any:
        """Draws of z: `noise` carried along the flow of probability.

        In u = z cos a + noise sin a, of noise tan a, the flow is du/da = -F: exact in any step for z that is standard normal.
        """
        u, angles = noise, [math.atan(sigma) for sigma in _sigmas(self.steps, self.least)]
        for angle, after in pairwise(angles):
            slope = self._flow(u, angle, x)
            there = u + (after - angle) * slope
            u = u + 0.5 * (after - angle) * (slope + self._flow(there, after, x))
        return u - angles[-1] * self._flow(u, angles[-1], x)

    def _flow(self, u: Any, angle: float, x: Any) -> Any:
        logarithm = ops.full_like(u[:, :1], math.log(math.tan(angle)))
        return -self.network([u, logarithm / _TURN, x])


def _sigmas(steps: int, least: float) -> list[float]:
    """Noises of the integration, from the largest to `least`."""
    first, last = _MOST ** (1 / _RHO), least ** (1 / _RHO)
    return [(first + (last - first) * index / (steps - 1)) ** _RHO for index in range(steps)]
