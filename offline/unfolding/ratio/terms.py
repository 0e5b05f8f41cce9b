"""What a regression of a logit is linear in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from offline.unfolding.sample import FloatArray

__all__ = ["Terms"]

_NODES = 65


@dataclass(frozen=True, eq=False)
class Terms:
    """One; a quadratic form, exact for Gaussians; and Legendre polynomials of the rank of each quantity.

    The polynomials are those of Neyman's smooth test (Skand. Aktuarietidskr. 20 (1937) 149): orthogonal on what they were made
    from and bounded whatever the tails, they let each marginal have the shape that it has.

    Parameters
    ----------
    nodes : ndarray of float64, shape (d, m)
        Quantiles of the scaled quantities, rising.
    quadratic : bool
        Whether x_i and x_i x_j are there.
    degree : int
        Highest polynomial of each rank; 0 for none.
    """

    nodes: FloatArray
    quadratic: bool
    degree: int

    @classmethod
    def of(cls, scaled: FloatArray, quadratic: bool, degree: int) -> Self:
        """Terms with the ranks of `scaled`, shape (n, d)."""
        nodes = np.quantile(scaled, np.linspace(0.0, 1.0, _NODES), axis=0).T
        # whole numbers repeat; a step between equal quantiles must still go up
        return cls(nodes + 1e-9 * np.arange(_NODES), quadratic, degree)

    @classmethod
    def form(cls, dimension: int) -> Self:
        """The quadratic form alone, which needs no ranks."""
        return cls(np.zeros((dimension, 1)), True, 0)

    @property
    def n(self) -> int:
        """How many."""
        d = len(self.nodes)
        return 1 + self.quadratic * (d + d * (d + 1) // 2) + self.degree * d

    def ranks(self, scaled: FloatArray) -> FloatArray:
        """Ranks between -1 and 1, shape (n, d)."""
        levels = np.linspace(-1.0, 1.0, self.nodes.shape[1])
        columns = [np.interp(column, nodes, levels) for column, nodes in zip(scaled.T, self.nodes, strict=True)]
        return np.stack(columns, axis=1)

    def __call__(self, scaled: FloatArray) -> FloatArray:
        """All terms at `scaled`, shape (n, d): an array of shape (n, `n`)."""
        parts = [np.ones((len(scaled), 1))]
        if self.quadratic:
            rows, columns = np.triu_indices(scaled.shape[1])
            parts += [scaled, scaled[:, rows] * scaled[:, columns]]
        if self.degree:
            parts += _legendre(self.ranks(scaled), self.degree)
        return np.concatenate(parts, axis=1)


def _legendre(ranks: FloatArray, degree: int) -> list[FloatArray]:
    """Legendre polynomials 1 to `degree`, each of the shape of `ranks`."""
    found = [np.ones_like(ranks), ranks]
    for k in range(1, degree):
        found.append(((2 * k + 1) * ranks * found[k] - k * found[k - 1]) / (k + 1))
    return found[1:]
