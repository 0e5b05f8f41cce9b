"""Nuisance parameters out of a likelihood: profiled or marginalised, for many toys at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from l1ml.errors import ConfigError, DataError
from offline.inference.arrays import FloatArray
from offline.inference.prior import Prior

__all__ = ["Nuisances"]

_FINE = 201


@dataclass(frozen=True)
class Nuisances:
    """Parameters that are not asked for, each constrained by its prior as by a measurement beside the data.

    The logarithm of a likelihood is asked for at Chebyshev points of the normal scores of each nuisance parameter, and is the
    polynomial through them in between: of the smooth functions that likelihoods are, a few points say all.

    Parameters
    ----------
    prior : Prior
        Of all parameters.
    names : tuple of str
        Of those that are not asked for.
    nodes : int
        Points for each of them.
    reach : float
        Up to how many standard deviations to both sides. Half of the points are beyond 0.7 of it, and what a likelihood says
        there decides what is between: a learnt one must be trained with parameters that go so far, beyond those of the prior.

    Raises
    ------
    ConfigError
        If the prior has no such parameter, none is left to ask for, or nodes or reach are too small.
    """

    prior: Prior
    names: tuple[str, ...]
    nodes: int = 9
    reach: float = 5.0

    def __post_init__(self) -> None:
        columns = {self.prior.column(name) for name in self.names}
        if not self.names or len(columns) != len(self.names) or len(columns) == self.prior.dimension:
            msg = f"of the parameters {', '.join(self.prior.names)} some, not all, can be nuisances, received {self.names}"
            raise ConfigError(msg)
        if self.nodes < 3:
            msg = f"at least 3 points are needed for each nuisance parameter, received {self.nodes}"
            raise ConfigError(msg)
        if self.reach <= 0:
            msg = f"points of nuisance parameters must reach further than 0 standard deviations, received {self.reach}"
            raise ConfigError(msg)

    @property
    def asked(self) -> tuple[str, ...]:
        """Names of the other parameters."""
        return tuple(name for name in self.prior.names if name not in self.names)

    def points(self, grid: FloatArray) -> FloatArray:
        """All parameters, shape (g, f, d), at which a likelihood is to be given for each point of those asked for, (g, a)."""
        if grid.ndim != 2 or grid.shape[1] != len(self.asked):
            msg = f"a grid of {', '.join(self.asked)} has {len(self.asked)} columns, received shape {grid.shape}"
            raise DataError(msg)
        scores = np.stack([axis.ravel() for axis in np.meshgrid(*[self._nodes] * len(self.names), indexing="ij")], axis=1)
        full = np.zeros((len(grid), len(scores), self.prior.dimension))
        full[..., [self.prior.column(name) for name in self.names]] = scores
        full = self.prior.values(full)
        full[..., [self.prior.column(name) for name in self.asked]] = grid[:, None]
        return full

    def profiled(self, log_likelihood: FloatArray, measured: FloatArray | None = None) -> FloatArray:
        """Largest likelihood times constraint at each point of the grid, shape (..., g).

        Parameters
        ----------
        log_likelihood : ndarray of float64, shape (..., g, f)
            At `points`.
        measured : ndarray of float64, shape (..., p), optional
            What the measurements beside the data said, as normal scores of the prior; 0 without a word. Toys need others.
        """
        return np.asarray(self._constrained(log_likelihood, measured).max(axis=-1))

    def marginalised(self, log_likelihood: FloatArray, measured: FloatArray | None = None) -> FloatArray:
        """Logarithm of the integral of likelihood times constraint at each point of the grid; arguments as of `profiled`."""
        total = np.logaddexp.reduce(self._constrained(log_likelihood, measured), axis=-1)
        step = self._fine[1] - self._fine[0]
        return np.asarray(total + len(self.names) * (np.log(step) - 0.5 * np.log(2 * np.pi)))

    def widths(self, log_likelihood: FloatArray, measured: FloatArray | None = None) -> FloatArray:
        """Standard deviation of each nuisance parameter, in those of its prior, shape (..., p): 1 where data say nothing of it.

        The parameters asked for are integrated over the grid, whose points count alike; arguments as of `profiled`.
        """
        table = self._constrained(log_likelihood, measured)
        share = np.exp(table - table.max(axis=(-2, -1), keepdims=True)).sum(axis=-2)
        share /= share.sum(axis=-1, keepdims=True)
        mean, square = share @ self._axes, share @ np.square(self._axes)
        return np.asarray(np.sqrt(square - np.square(mean)))

    def _constrained(self, log_likelihood: FloatArray, measured: FloatArray | None) -> FloatArray:
        """On the fine grid, shape (..., g, fine)."""
        p = len(self.names)
        if log_likelihood.ndim < 2 or log_likelihood.shape[-1] != self.nodes**p:
            msg = f"likelihoods of shape {log_likelihood.shape} were not asked for at `points`: the last axis is {self.nodes**p}"
            raise DataError(msg)
        between: FloatArray = np.ones((1, 1))
        for _ in range(p):
            between = np.kron(between, self._interpolation).astype(np.float64)
        centre = np.zeros(p) if measured is None else measured
        constraint = -0.5 * np.square(self._axes - centre[..., None, :]).sum(axis=-1)
        return np.asarray(log_likelihood @ between.T + constraint[..., None, :])

    @cached_property
    def _nodes(self) -> FloatArray:
        return np.asarray(self.reach * np.cos(np.pi * (2 * np.arange(self.nodes) + 1) / (2 * self.nodes)))

    @cached_property
    def _fine(self) -> FloatArray:
        return np.linspace(-self.reach, self.reach, _FINE)

    @cached_property
    def _axes(self) -> FloatArray:
        """Points of the fine grid of all nuisance parameters, shape (fine, p)."""
        return np.stack([axis.ravel() for axis in np.meshgrid(*[self._fine] * len(self.names), indexing="ij")], axis=1)

    @cached_property
    def _interpolation(self) -> FloatArray:
        """From values at the nodes to those on the fine axis, shape (fine, nodes): the polynomial through all nodes."""
        chebyshev = np.polynomial.chebyshev.chebvander
        degree = self.nodes - 1
        return np.asarray(chebyshev(self._fine / self.reach, degree) @ np.linalg.inv(chebyshev(self._nodes / self.reach, degree)))
