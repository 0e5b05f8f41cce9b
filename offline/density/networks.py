"""Networks of p(z | x): a coupling flow, and the velocity field of flow matching."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from l1ml._optional import require

keras = require("keras")
ops = keras.ops

__all__ = ["CouplingDensity", "VelocityDensity", "clock", "dense_velocity"]


class CouplingDensity(keras.layers.Layer):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """Conditional invertible network (arXiv:2006.06685): z(noise | x), trained by the likelihood of pairs.

    bayesflow's coupling splits its columns in two and cannot have a part without any, so a single quantity gets a second column
    of pure noise, independent of x: the density of the first one is not touched by it.

    Parameters
    ----------
    n_gen, n_reco : int
        Dimensions of z and x.
    depth : int
        Pairs of couplings.
    widths : sequence of int
        Hidden layers of each subnet.
    transform : str
        ``affine`` or ``spline``.
    bins : int
        Of splines.
    seed : int
        Of the noise of the second column.
    """

    def __init__(
        self, n_gen: int, n_reco: int, *, depth: int, widths: Sequence[int], transform: str, bins: int, seed: int
    ) -> None:
        super().__init__()
        self.n_drawn, self.n_noise = n_gen, max(2, n_gen)
        self.noise = keras.random.SeedGenerator(seed)
        plain = {"widths": list(widths), "activation": "silu", "dropout": None, "residual": False, "norm": None}
        self.flow = require("bayesflow").networks.CouplingFlow(
            depth=depth,
            transform=transform,
            permutation="swap",
            subnet_kwargs=plain,
            transform_kwargs={"bins": bins} if transform == "spline" else {},
        )
        # within a traced function its base distribution would keep a tensor of that function
        self.flow.build((None, self.n_noise), (None, n_reco))
        self.built = True

    def event_loss(self, z: Any, x: Any) -> Any:
        """Minus the logarithm of p(z | x), shape (n,)."""
        if self.n_noise > self.n_drawn:
            z = ops.concatenate([z, keras.random.normal(ops.shape(z), seed=self.noise)], axis=-1)
        return -self.flow(z, conditions=x, inverse=False, density=True)[1]

    def transport(self, noise: Any, x: Any) -> Any:
        """Draws of z from `noise`, shape (n, n_noise)."""
        return self.flow(noise, conditions=x, inverse=True)


class VelocityDensity(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """Conditional flow matching (arXiv:2210.02747; for unfolding arXiv:2404.18807, sect. 3.3).

    On the straight path z_t = (1 - t) eps + t z from noise to truth the velocity is z - eps; `velocity` (z_t, t, x) learns its
    mean, less that of a standard normal z, and following it from noise, t = 0 to 1, draws from p(z | x).

    Parameters
    ----------
    velocity : keras.Model
        Takes [z_t, t, x], or [z_t, t, encoded x].
    n_gen : int
        Dimension of z.
    steps : int
        Steps of the integration, each of two evaluations (midpoint rule).
    seed : int
        Of times and noise in training.
    encoder : keras.Model, optional
        What is done to x first, once for all steps.
    """

    def __init__(self, velocity: Any, n_gen: int, *, steps: int, seed: int, encoder: Any = None) -> None:
        super().__init__()
        self.n_drawn = self.n_noise = n_gen
        self.velocity, self.steps, self.encoder = velocity, steps, encoder
        self.noise = keras.random.SeedGenerator(seed)
        self.built = True

    def event_loss(self, z: Any, x: Any) -> Any:
        """Squared error of the velocity at a random time, mean over dimensions, shape (n,)."""
        noise = keras.random.normal(ops.shape(z), seed=self.noise)
        time = keras.random.uniform((ops.shape(z)[0], 1), seed=self.noise)
        velocity = self._velocity(noise + time * (z - noise), time, self._encoded(x))
        return ops.mean(ops.square(velocity - (z - noise)), axis=-1)

    def transport(self, noise: Any, x: Any) -> Any:
        """Draws of z: `noise` carried along the velocity by the midpoint rule."""
        x, z, step = self._encoded(x), noise, 1.0 / self.steps
        for index in range(self.steps):
            start = ops.full_like(z[:, :1], index * step)
            middle = z + 0.5 * step * self._velocity(z, start, x)
            z = z + step * self._velocity(middle, start + 0.5 * step, x)
        return z

    def _velocity(self, z: Any, time: Any, x: Any) -> Any:
        # exact where truth is standard normal whatever x is, as residuals nearly are: the network adds what is not
        return z * (2 * time - 1) / (ops.square(1 - time) + ops.square(time)) + self.velocity([z, time, x])

    def _encoded(self, x: Any) -> Any:
        return x if self.encoder is None else self.encoder(x)


def dense_velocity(n_gen: int, n_reco: int, widths: Sequence[int]) -> Any:
    """A multi-layer perceptron of z_t, t and x; time comes with its first two Fourier terms."""
    z, time, x = keras.Input((n_gen,)), keras.Input((1,)), keras.Input((n_reco,))
    hidden = keras.layers.Concatenate()([z, *clock(time), x])
    for width in widths:
        hidden = keras.layers.Dense(width, activation="silu")(hidden)
    return keras.Model([z, time, x], keras.layers.Dense(n_gen, kernel_initializer="zeros")(hidden))


def clock(time: Any) -> list[Any]:
    """Features of the time in [0, 1], each of shape (n, 1)."""
    return [time, ops.sin(math.pi * time), ops.cos(math.pi * time)]
