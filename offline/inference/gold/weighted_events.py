"""Events with weights at benchmarks: one sample that stands for all parameters, nuisance parameters included."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from l1ml.errors import DataError
from offline.inference.arrays import FloatArray, IntArray
from offline.inference.gold.morphing import Morphing

__all__ = ["Response", "WeightedEvents"]

_LEAST = 1e-3
"""Negative weights of so little of the sum of their sizes are rounding; with more of them nothing can be drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """What nuisance parameters do to weights: a factor exp(a nu + b nu^2) in each event (arXiv:1907.10621, section 2).

    Parameters
    ----------
    names : tuple of str
        Of the nuisance parameters: 0 where nothing is done, 1 at the upper benchmark, one standard deviation away.
    linear, square : ndarray of float64, shape (n, p)
        a and b.
    """

    names: tuple[str, ...]
    linear: FloatArray
    square: FloatArray

    @staticmethod
    def of(names: tuple[str, ...], nominal: FloatArray, up: FloatArray, down: FloatArray) -> Response:
        """Of weights at 0, shape (n,), at 1 and at -1, shapes (n, p), all positive."""
        if min(nominal.min(), up.min(), down.min()) <= 0:
            msg = "weights at benchmarks of nuisance parameters must be positive: their logarithms are taken"
            raise DataError(msg)
        above, below = np.log(up / nominal[:, None]), np.log(down / nominal[:, None])
        return Response(names, 0.5 * (above - below), 0.5 * (above + below))

    @staticmethod
    def none(n: int) -> Response:
        """Of `n` events without nuisance parameters."""
        return Response((), np.zeros((n, 0)), np.zeros((n, 0)))

    def rows(self, chosen: IntArray | slice) -> Response:
        """Of some events."""
        return Response(self.names, self.linear[chosen], self.square[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class WeightedEvents:
    """A weighted sample; parameters are the couplings of the morphing and then the nuisance parameters, d in all.

    Parameters
    ----------
    observables : tuple of str
        Names of the columns of x.
    x : ndarray of float64, shape (n, k)
        What was observed.
    weights : ndarray of float64, shape (n, b)
        At each benchmark of the morphing; their sum over events is the cross section.
    morphing : Morphing
        Between benchmarks.
    response : Response, optional
        To nuisance parameters.

    Raises
    ------
    DataError
        If shapes do not fit or a number is not finite.
    """

    observables: tuple[str, ...]
    x: FloatArray
    weights: FloatArray
    morphing: Morphing
    response: Response = field(default_factory=lambda: Response.none(0))

    def __post_init__(self) -> None:
        n, b = len(self.x), len(self.morphing.benchmarks)
        if not self.response.names and len(self.response.linear) != n:
            object.__setattr__(self, "response", Response.none(n))
        p = len(self.response.names)
        found = (self.x.shape, self.weights.shape, self.response.linear.shape, self.response.square.shape)
        if found != ((n, len(self.observables)), (n, b), (n, p), (n, p)):
            msg = (
                f"{n} events of {len(self.observables)} observables, {b} benchmarks and {p} nuisances do not have shapes {found}"
            )
            raise DataError(msg)
        if not all(np.isfinite(values).all() for values in (self.x, self.weights, self.response.linear, self.response.square)):
            msg = "observables and weights must be finite; a weight of 0 has no logarithm for nuisance parameters"
            raise DataError(msg)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def names(self) -> tuple[str, ...]:
        """Of all parameters, in the order of their columns."""
        return (*self.morphing.names, *self.response.names)

    def rows(self, chosen: IntArray | slice) -> WeightedEvents:
        """Some events. Weights stay as they are: of a random share of them the cross section is that share."""
        kept = self.response.rows(chosen)
        return WeightedEvents(self.observables, self.x[chosen], self.weights[chosen], self.morphing, kept)

    def weights_at(self, theta: FloatArray) -> FloatArray:
        """Weight of each event, shape (n,), at one point of the parameters, shape (d,).

        Raises
        ------
        DataError
            If negative weights are more than rounding.
        """
        self._check(theta)
        weight = self._bare(theta) * self._factor(theta)
        if -weight[weight < 0].sum() > _LEAST * np.abs(weight).sum():
            msg = f"{int((weight < 0).sum())} of {len(self)} weights at {theta.tolist()} are negative: nothing can be drawn there"
            raise DataError(msg)
        return np.maximum(weight, 0.0)

    def cross_section(self, theta: FloatArray) -> float:
        """Sum of the weights at one point."""
        return float(self.weights_at(theta).sum())

    def slopes_at(self, theta: FloatArray) -> FloatArray:
        """Derivative of the logarithm of each weight by each parameter, shape (n, d), at one point; 0 where the weight is."""
        self._check(theta)
        couplings = theta[None, : len(self.morphing.names)]
        bare = self._bare(theta)[:, None]
        physical = self.weights @ self.morphing.slopes(couplings)[0].T
        nuisance = self.response.linear + 2 * self.response.square * theta[len(self.morphing.names) :]
        return np.concatenate([np.divide(physical, bare, out=np.zeros_like(physical), where=bare > 0), nuisance], axis=1)

    def scores_at(self, theta: FloatArray, chosen: IntArray | slice = slice(None)) -> FloatArray:
        """Joint scores, shape (n, d), of all or of `chosen` events: derivatives of the logarithm of each one's density."""
        weight = self.weights_at(theta)
        nuisance = theta[len(self.morphing.names) :]
        couplings = theta[None, : len(self.morphing.names)]
        grown = self.morphing.slopes(couplings)[0] @ (self._factor(theta) @ self.weights)
        bent = weight @ self.response.linear + 2 * nuisance * (weight @ self.response.square)
        # what the cross section does is the same for all events
        return np.asarray(self.rows(chosen).slopes_at(theta) - np.concatenate([grown, bent]) / weight.sum())

    def _bare(self, theta: FloatArray) -> FloatArray:
        """Weights without nuisance parameters."""
        return np.asarray(self.weights @ self.morphing.shares(theta[None, : len(self.morphing.names)])[0])

    def _factor(self, theta: FloatArray) -> FloatArray:
        nuisance = theta[len(self.morphing.names) :]
        return np.exp(self.response.linear @ nuisance + self.response.square @ np.square(nuisance))

    def _check(self, theta: FloatArray) -> None:
        if theta.shape != (len(self.names),):
            msg = f"parameters of shape {theta.shape} do not fit {', '.join(self.names)}"
            raise DataError(msg)
