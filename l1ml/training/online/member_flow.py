"""Densities on a box, many of the same shape: evaluated, trained and drawn from in one go."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.training.online.settings import OnlineSettings
from l1ml.training.online.spline import n_spline_parameters, spline, spline_inverse, spline_parameters

__all__ = ["MemberFlow"]

keras = require("keras")
ops = keras.ops

_EVEN = 0.25
"""Share of the knots at the start that are spread evenly over the range; the others follow the first events, so that a rare
tail has knots too."""


class MemberFlow(keras.Model):  # type: ignore[name-defined, misc]  # keras has no types
    """The product of p(u_i | u_1 .. u_{i-1}) for u in the unit box, for several members that share nothing but the events.

    The distribution function of each factor is a rational-quadratic spline, so that the range has hard ends; a small network of
    its own moves the parameters of the spline with the quantities before. With one quantity there is no network, and the spline
    is the distribution function itself.

    Parameters
    ----------
    d : int
        Number of quantities.
    settings : OnlineSettings
        Size; one more flow than `members`.
    """

    def __init__(self, d: int, settings: OnlineSettings) -> None:
        super().__init__()
        self.d, self.bins, self.n_members = d, settings.bins, settings.members + 1
        # quantity i sees the quantities before it
        self._mask = np.tril(np.ones((d, d), np.float32), -1)
        n_outputs, hidden = n_spline_parameters(settings.bins), settings.hidden
        self.offset = self._weight("offset", (self.n_members, d, n_outputs))
        if d > 1:
            self.inner = self._weight("inner", (self.n_members, d, d, hidden))
            self.bias = self._weight("bias", (self.n_members, d, hidden))
            self.outer = self._weight("outer", (self.n_members, d, hidden, n_outputs))
            self.centre = self._weight("centre", (d,), trainable=False)
            self.scale = self._weight("scale", (d,), trainable=False)
        self.built = True

    def _weight(self, name: str, shape: tuple[int, ...], *, trainable: bool = True) -> Any:
        return self.add_weight(name=name, shape=shape, initializer="zeros", dtype="float32", trainable=trainable)

    def start(self, u: NDArray[np.float64], weight: NDArray[np.float64], rng: np.random.Generator) -> None:
        """Start at the distribution of each quantity among the first events, without any correlation.

        Parameters
        ----------
        u : ndarray, shape (n, d)
            Events in the unit box.
        weight : ndarray, shape (n, members)
            As each member counts them, in units of their mean.
        rng : numpy.random.Generator
            Source of the hidden weights, the same for all members: they then differ by the events alone.
        """
        offset = np.empty(self.offset.shape)
        for index in range(self.d):
            order = np.argsort(u[:, index], kind="stable")
            for member in range(self.n_members):
                offset[member, index] = _marginal(u[order, index], weight[order, member], self.bins)
        self.offset.assign(offset)
        if self.d > 1:
            self._start_network(u, rng)

    def _start_network(self, u: NDArray[np.float64], rng: np.random.Generator) -> None:
        """Hidden units that see the quantities in units of their spread, and outputs of zero."""
        self.inner.assign(np.broadcast_to(rng.normal(size=self.inner.shape[1:]) / np.sqrt(self.d), self.inner.shape))
        self.bias.assign(np.broadcast_to(rng.normal(size=self.bias.shape[1:]), self.bias.shape))
        self.centre.assign(u.mean(axis=0))
        self.scale.assign(np.maximum(u.std(axis=0), 1e-3))

    def _parameters(self, u: Any, rows: slice) -> Any:
        """Spline parameters of the quantities `rows`, (member, row, event, parameter), for u of (1 or member, event, d)."""
        offset = self.offset[:, rows, None]
        if self.d == 1:
            return offset
        kernel = self.inner[:, rows] * self._mask[None, rows, :, None]
        given = (u - self.centre) / self.scale
        shape = (kernel.shape[0], *given.shape[1:])
        hidden = ops.einsum("mni,mrih->mrnh", ops.broadcast_to(given, shape), kernel) + self.bias[:, rows, None]
        return offset + ops.einsum("mrnh,mrhp->mrnp", ops.tanh(hidden), self.outer[:, rows])

    def call(self, u: Any) -> Any:
        """Logarithm of the densities at `u` of shape (n, d), shape (member, n)."""
        _, slopes = spline(ops.transpose(u)[None], self._parameters(u[None], slice(None)), self.bins)
        return ops.sum(slopes, axis=1)

    def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, *_: Any, **__: Any) -> Any:  # noqa: ARG002  of Keras
        """Minus the log likelihood by event, summed over members, which share no parameters; y are weights, (n, member)."""
        return -ops.sum(ops.mean(ops.transpose(y) * y_pred, axis=1))

    def below(self, u: Any) -> Any:
        """Share of the first quantity below `u` of shape (n,), shape (member, n)."""
        return spline(u[None], self.offset[:, 0, None], self.bins)[0]

    def draw(self, noise: Any) -> Any:
        """Events that the uniform `noise` of shape (n, d) stands for, shape (member, n, d): the same quantiles of each member."""
        columns: list[Any] = []
        for index in range(self.d):
            rows = slice(index, index + 1)
            later = [ops.zeros((self.n_members, noise.shape[0]))] * (self.d - len(columns))
            raw = self._parameters(ops.stack([*columns, *later], axis=-1), rows)
            columns.append(spline_inverse(noise[None, None, :, index], raw, self.bins)[:, 0])
        return ops.stack(columns, axis=-1)


def _marginal(u: NDArray[np.float64], weight: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Spline parameters of the distribution function of sorted `u`."""
    # one event more, spread evenly: no bin is empty
    places, total = np.concatenate([[0.0], u, [1.0]]), weight.sum() + 1.0
    share = np.concatenate([[0.0], np.cumsum(weight), [weight.sum()]]) / total
    share = share + places / total
    levels = np.linspace(0, 1, bins + 1)
    knots = np.interp(levels, (1 - _EVEN) * share + _EVEN * places, places)
    # equal values would leave knots without a distance
    knots = (1 - 1e-3) * knots + 1e-3 * levels
    return spline_parameters(knots, np.interp(knots, places, share))
