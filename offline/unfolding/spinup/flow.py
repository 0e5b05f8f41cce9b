"""Normalising flows with an axis of members: many densities of the same shape, evaluated and trained in one go."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from offline.unfolding.sample import FloatArray
from offline.unfolding.spinup.settings import FlowSettings
from offline.unfolding.spinup.spline import n_spline_parameters, spline, spline_inverse

__all__ = ["Flow", "linear_gaussian"]

keras = require("keras")
ops = keras.ops

_HALF_LOG_2PI = 0.5 * float(np.log(2 * np.pi))
_MOST_LOG_SCALE = 3.0


class Flow(keras.layers.Layer):  # type: ignore[name-defined, misc]  # keras has no types
    """Density of x = (x_1 .. x_d) given a context, as the product of p(x_i | x_1 .. x_{i-1}, context), for several members.

    Each factor is a Gaussian whose mean is linear in what it is conditioned on, bent by a rational-quadratic spline; a small
    network of its own gives the parameters of the spline and corrects mean and width. With the outputs of that network at zero
    the flow is a linear Gaussian model, which is where it starts. One such layer can describe any density, and evaluating costs
    as much as drawing.

    Tensors have the axes (member, event, draw, quantity); an axis of length one is shared. A context that is the same for all
    draws of an event is worked on once.

    Parameters
    ----------
    d, n_context : int
        Number of quantities, and of those in the context.
    members : int
        Number of densities.
    settings : FlowSettings
        Size.
    """

    def __init__(self, d: int, n_context: int, members: int, settings: FlowSettings) -> None:
        super().__init__()
        self.d, self.n_context, self.members, self.settings = d, n_context, members, settings
        # quantity i sees the quantities before it
        self._mask = np.tril(np.ones((d, d), np.float32), -1)
        n_outputs = 2 + n_spline_parameters(settings.bins)
        self.location = self._weight("location", (members, d))
        self.log_scale = self._weight("log_scale", (members, d))
        self.offset = self._weight("offset", (members, d, n_outputs))
        # one quantity without a context depends on nothing
        self.has_network = d + n_context > 1
        self.skip = self._weight("skip", (members, d, d + n_context)) if self.has_network else None
        widths = [d + n_context, *[settings.hidden] * settings.layers, n_outputs] if self.has_network else []
        self.kernels = [self._weight(f"kernel_{index}", (members, d, *shape)) for index, shape in enumerate(pairwise(widths))]
        self.biases = [self._weight(f"bias_{i}", (members, d, width)) for i, width in enumerate(widths[1:-1])]
        self.built = True

    def _weight(self, name: str, shape: tuple[int, ...]) -> Any:
        return self.add_weight(name=name, shape=shape, initializer="zeros", dtype="float32")

    @property
    def size(self) -> tuple[int, int, int, FlowSettings]:
        """What it was made of."""
        return self.d, self.n_context, self.members, self.settings

    def start(self, linear: FloatArray, rngs: Sequence[np.random.Generator]) -> None:
        """Start all members at the same linear Gaussian model.

        Parameters
        ----------
        linear : ndarray, shape (d, 2 + d + n_context)
            Mean at zero, logarithm of the width, slopes; from `linear_gaussian`.
        rngs : sequence of numpy.random.Generator
            For each member, the source of its hidden kernels.
        """
        tiled = np.repeat(linear[None], self.members, axis=0)
        self.location.assign(tiled[..., 0])
        self.log_scale.assign(tiled[..., 1])
        if self.skip is not None:
            self.skip.assign(tiled[..., 2:])
        for kernel in self.kernels[:-1]:
            kernel.assign(_normal(kernel, rngs) / np.sqrt(kernel.shape[-2]))

    def start_at(self, other: Flow) -> None:
        """Start all members at the density `other`, of one member and the same shape."""
        self.set_weights([np.repeat(values, self.members, axis=0) for values in other.get_weights()])

    def scatter(self, rngs: Sequence[np.random.Generator], spread: FloatArray) -> None:
        """Scatter the members around where they are.

        Parameters
        ----------
        rngs : sequence of numpy.random.Generator
            For each member, the source of its scatter.
        spread : ndarray, shape (members,)
            Standard deviation of the scatter of mean, width and spline parameters; zero for none.
        """
        size = spread[:, None, None] / self.settings.spline_rate
        self.offset.assign_add(size * _normal(self.offset, rngs))
        if self.kernels:
            last = self.kernels[-1]
            last.assign_add(size[..., None] * _normal(last, rngs) / np.sqrt(last.shape[-2]))

    def member(self, index: int) -> Flow:
        """One of the densities, as a flow of its own."""
        flow = Flow(self.d, self.n_context, 1, self.settings)
        flow.set_weights([values[index : index + 1] for values in self.get_weights()])
        return flow

    def _affine(self, weight: Any, x: Any, context: Any | None, rows: slice) -> Any:
        """Inputs times `weight` (member, d, inputs, outputs), those that a quantity sees: (member, d, event, draw, outputs)."""
        result = None
        if self.d > 1:
            kernel = weight[:, rows, : self.d] * self._mask[None, rows, :, None]
            result = _product(x, kernel)
        if context is not None:
            part = _product(context, weight[:, rows, self.d :])
            result = part if result is None else result + part
        return result

    def _parameters(self, x: Any, context: Any | None, rows: slice) -> tuple[Any, Any, Any]:
        """Mean, logarithm of the width and spline parameters of the quantities `rows`, (member, d, event, draw, ...)."""
        out = self.offset[:, rows, None, None]
        mean = self.location[:, rows, None, None]
        if self.skip is not None:
            mean = mean + self._affine(self.skip[..., None], x, context, rows)[..., 0]
            hidden = self._affine(self.kernels[0], x, context, rows)
            for kernel, bias in zip(self.kernels[1:], self.biases, strict=True):
                hidden = ops.tanh(hidden + bias[:, rows, None, None])
                hidden = ops.einsum("mdnkh,mdhg->mdnkg", hidden, kernel[:, rows])
            out = out + hidden
        out = self.settings.spline_rate * out
        log_scale = self.log_scale[:, rows, None, None] + _MOST_LOG_SCALE * ops.tanh(out[..., 1] / _MOST_LOG_SCALE)
        return mean + out[..., 0], log_scale, out[..., 2:]

    def log_density(self, x: Any, context: Any | None = None) -> Any:
        """Logarithm of the densities at `x`, shape (member, event, draw)."""
        mean, log_scale, raw = self._parameters(x, context, slice(None))
        value = (ops.transpose(x, (0, 3, 1, 2)) - mean) * ops.exp(-log_scale)
        base, log_slope = spline(value, raw, bins=self.settings.bins, bound=self.settings.bound)
        return ops.sum(log_slope - log_scale - 0.5 * base * base - _HALF_LOG_2PI, axis=1)

    def draw(self, noise: Any, context: Any | None = None) -> Any:
        """Quantities that standard normal `noise` stands for, shape (member, event, draw, d)."""
        columns: list[Any] = []
        for index in range(self.d):
            rows = slice(index, index + 1)
            # what comes later has no weight
            later = ops.zeros_like(columns[0] if columns else noise[..., 0])
            x = ops.stack([*columns, *[later] * (self.d - index)], axis=-1)
            mean, log_scale, raw = self._parameters(x, context, rows)
            value = spline_inverse(noise[..., index][:, None], raw, bins=self.settings.bins, bound=self.settings.bound)
            columns.append((value * ops.exp(log_scale) + mean)[:, 0])
        return ops.stack(columns, axis=-1)


def _normal(variable: Any, rngs: Sequence[np.random.Generator]) -> FloatArray:
    """Standard normal numbers of the shape of `variable`, those of each member from its own generator."""
    return np.stack([rng.normal(size=variable.shape[1:]) for rng in rngs])


def _product(values: Any, weight: Any) -> Any:
    """(member or 1, event, draw, i) times (member, d, i, o), shape (member, d, event, draw, o)."""
    if values.shape[0] == 1:
        return ops.einsum("nki,mdio->mdnko", values[0], weight)
    return ops.einsum("mnki,mdio->mdnko", values, weight)


def linear_gaussian(x: FloatArray, context: FloatArray | None, weight: NDArray[np.floating[Any]]) -> FloatArray:
    """Weighted least squares of each quantity on those before it and on the context, shape (d, 2 + d + n_context).

    The most likely linear Gaussian model: mean at zero, logarithm of the width, slopes (zero for quantities that come later).
    """
    n, d = x.shape
    given = np.empty((n, 0)) if context is None else context
    result = np.zeros((d, 2 + d + given.shape[1]))
    share = weight / weight.sum()
    for index in range(d):
        inputs = np.concatenate([np.ones((n, 1)), x[:, :index], given], axis=1)
        moments = inputs.T @ (share[:, None] * inputs)
        slopes = np.linalg.lstsq(moments, inputs.T @ (share * x[:, index]), rcond=None)[0]
        variance = share @ np.square(x[:, index] - inputs @ slopes)
        result[index, 0] = slopes[0]
        result[index, 1] = 0.5 * np.log(max(variance, 1e-12))
        result[index, 2 : 2 + index] = slopes[1 : 1 + index]
        result[index, 2 + d :] = slopes[1 + index :]
    return result
