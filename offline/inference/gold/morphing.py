"""Cross sections that are polynomials of couplings: known at a few points, they are known everywhere (arXiv:1805.00020)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from l1ml.errors import ConfigError
from offline.inference.arrays import FloatArray, IntArray

__all__ = ["Morphing"]


@dataclass(frozen=True, eq=False)
class Morphing:
    """Weights of an event at any parameters as a linear function of its weights at benchmarks.

    Parameters
    ----------
    names : tuple of str
        Of the parameters, couplings as a rule.
    powers : ndarray of int64, shape (c, d)
        Of each parameter in each term of the polynomial.
    benchmarks : ndarray of float64, shape (b, d)
        Parameters at which weights are known; at least c of them, at which the terms are independent.

    Raises
    ------
    ConfigError
        If shapes do not fit, or the benchmarks cannot tell the terms apart.

    Examples
    --------
    >>> morphing = Morphing.of(("c",), (2,), np.array([[0.0], [1.0], [-1.0]]))
    >>> morphing.shares(np.array([[0.5]])).round(12).tolist()
    [[0.75, 0.375, -0.125]]
    """

    names: tuple[str, ...]
    powers: IntArray
    benchmarks: FloatArray

    def __post_init__(self) -> None:
        d = len(self.names)
        if self.powers.ndim != 2 or self.benchmarks.ndim != 2 or {self.powers.shape[1], self.benchmarks.shape[1]} != {d}:
            shapes = f"{self.powers.shape} and {self.benchmarks.shape}"
            msg = f"powers and benchmarks of {d} parameters need shapes (any, {d}), received {shapes}"
            raise ConfigError(msg)
        if (rank := int(np.linalg.matrix_rank(self._terms(self.benchmarks)))) < len(self.powers):
            msg = f"{len(self.benchmarks)} benchmarks tell {rank} of {len(self.powers)} terms apart: add others"
            raise ConfigError(msg)

    @staticmethod
    def of(names: tuple[str, ...], highest: tuple[int, ...], benchmarks: FloatArray) -> Morphing:
        """All terms up to the `highest` power of each parameter and, together, of the largest: 2 for a squared amplitude."""
        every = product(*(range(power + 1) for power in highest))
        kept = [powers for powers in every if sum(powers) <= max(highest)]
        return Morphing(names, np.array(kept, np.int64).reshape(-1, len(names)), benchmarks)

    def shares(self, theta: FloatArray) -> FloatArray:
        """How much of each benchmark, shape (n, b), is in parameters of shape (n, d); negative ones are common."""
        return np.asarray(self._terms(theta) @ self.matrix)

    def slopes(self, theta: FloatArray) -> FloatArray:
        """Derivative of the shares by each parameter, shape (n, d, b)."""
        columns = []
        for index in range(len(self.names)):
            lower = self.powers.copy()
            lower[:, index] = np.maximum(lower[:, index] - 1, 0)
            columns.append((self.powers[:, index] * _terms(theta, lower)) @ self.matrix)
        return np.stack(columns, axis=1)

    @cached_property
    def matrix(self) -> FloatArray:
        """From the terms to shares of benchmarks, shape (c, b); with more benchmarks than terms the smallest shares are taken."""
        return np.asarray(np.linalg.pinv(self._terms(self.benchmarks)), np.float64)

    def _terms(self, theta: FloatArray) -> FloatArray:
        return _terms(theta, self.powers)


def _terms(theta: FloatArray, powers: IntArray) -> FloatArray:
    """Value of each term, shape (n, c)."""
    return np.asarray(np.prod(theta[:, None, :] ** powers, axis=-1), np.float64)
