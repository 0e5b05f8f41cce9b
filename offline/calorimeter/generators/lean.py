"""How a shower leans: its energy is on one side of the axis, and in neighbouring layers on the same one.

Shares of hits in a ring that are drawn one by one have a dipole, the mean of the direction weighted by energy, that is as small
as chance makes it, and another one in each layer. Where tracks and clusters are, it is larger, and goes on from layer to layer:
showers of Geant4 have up to twice as much of it in the innermost ring. Here energies of hits at the angle phi are multiplied by
exp(t_x cos phi + t_y sin phi), where t is normally distributed, of mean 0, with a width for each ring that depends on the energy
of the particle, and correlated between the rings of one index in all layers. Widths and correlations are those that drawn showers
lack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from offline.calorimeter.generators.ring_sums import ring_layers
from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.showers import Showers

__all__ = ["Dipoles", "Lean", "ring_indices"]

FloatArray = NDArray[np.float64]

_SURE = 3.0
"""Standard deviations from which on a width is believed."""

_WIDEST = 1.5
"""Most that t may have as its width: beyond, one sector has nearly all."""


@dataclass(frozen=True, eq=False, slots=True)
class Dipoles:
    """Means of cos phi and sin phi in each ring, weighted by energy.

    Parameters
    ----------
    incident : ndarray of float64, shape (n,)
        Energy of the particle, MeV.
    values : ndarray of float32, shape (n, n_rings, 2)
        Means; NaN where a ring has no energy.
    """

    incident: FloatArray
    values: NDArray[np.float32]

    @classmethod
    def of(cls, showers: Showers) -> Self:
        """Dipoles of `showers`."""
        voxels, n = showers.geometry.voxels, len(showers)
        n_rings = int(voxels.ring[-1]) + 1
        row, voxel = np.nonzero(showers.energies)
        place, energy = row * n_rings + voxels.ring[voxel], showers.energies[row, voxel].astype(np.float64)
        parts = [energy, energy * np.cos(voxels.alpha[voxel]), energy * np.sin(voxels.alpha[voxel])]
        total, x, y = (np.bincount(place, part, n * n_rings).reshape(n, n_rings) for part in parts)
        total[total == 0] = np.nan
        return cls(showers.incident_energy, (np.stack([x, y], axis=2) / total[..., None]).astype(np.float32))

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """All of `parts`, in this order."""
        return cls(np.concatenate([part.incident for part in parts]), np.concatenate([part.values for part in parts]))

    def select(self, rows: NDArray[Any]) -> Self:
        """Some showers."""
        return type(self)(self.incident[rows], self.values[rows])

    def squares(self, rows: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
        """Mean square of each component in each ring, and the square of its error, each of shape (n_rings,)."""
        squares = np.square(self.values[rows], dtype=np.float64)
        seen = np.isfinite(squares)
        n = np.maximum(seen.sum(axis=(0, 2)), 1)
        first, second = (np.where(seen, part, 0.0).sum(axis=(0, 2)) / n for part in (squares, np.square(squares)))
        return first, np.maximum(second - np.square(first), 0.0) / n

    def products(self, rings: NDArray[np.int64], scale: FloatArray) -> FloatArray:
        """Mean products of the dipoles of `rings`, each over its `scale`, shape (n, len(rings)); shape (len(rings),) * 2."""
        scaled = self.values[:, rings] / scale[..., None]
        seen = np.isfinite(scaled)
        filled = np.where(seen, scaled, 0.0).transpose(2, 0, 1).reshape(-1, len(rings))
        counts = seen.transpose(2, 0, 1).reshape(-1, len(rings)).astype(np.float64)
        return np.asarray((filled.T @ filled) / np.maximum(counts.T @ counts, 1.0))


@dataclass(frozen=True, eq=False, slots=True)
class Lean:
    """The law of t.

    Parameters
    ----------
    knots : ndarray of float64, shape (n_knots,)
        ln E, rising.
    widths : ndarray of float64, shape (n_knots, n_rings)
        Width of t there; constant beyond the ends and straight between.
    roots : ndarray of float64, shape (n_rings, n_rings)
        Square root of the correlations: rows of unit length.
    """

    knots: FloatArray
    widths: FloatArray
    roots: FloatArray

    def width(self, incident: FloatArray) -> FloatArray:
        """Widths for particles of the energies `incident`, shape (n, n_rings)."""
        at = np.log(incident)
        return np.stack([np.interp(at, self.knots, column) for column in self.widths.T], axis=1)

    def draw(self, incident: FloatArray, rng: np.random.Generator) -> FloatArray:
        """T of showers of the energies `incident`, shape (n, n_rings, 2)."""
        normal = rng.standard_normal((2, len(incident), len(self.roots))) @ self.roots.T
        return np.asarray(normal.transpose(1, 2, 0) * self.width(incident)[..., None])

    @classmethod
    def none(cls, geometry: CalorimeterGeometry, incident: FloatArray, knots: int = 5) -> Self:
        """Showers that do not lean, with knots at as many quantiles of the energies."""
        n = len(ring_layers(geometry))
        edges = np.quantile(np.log(incident), (np.arange(knots) + 0.5) / knots)
        return cls(np.unique(edges), np.zeros((len(np.unique(edges)), n)), np.eye(n))

    def corrected(self, geometry: CalorimeterGeometry, truth: Dipoles, drawn: Dipoles) -> Self:
        """With what `drawn` lacks of the dipoles in `truth`: both are of particles of the same energies, one by one."""
        nearest = np.argmin(np.abs(np.log(truth.incident)[:, None] - self.knots), axis=1)
        parts = [np.flatnonzero(nearest == knot) for knot in range(len(self.knots))]
        sides = [np.array([side.squares(rows) for rows in parts]).swapaxes(0, 1) for side in (truth, drawn)]
        (wanted, error), (found, other) = sides
        # t turns the dipole by half of t in a ring that is full, by less where it points to one side already
        answer = 0.5 * (1.0 - np.minimum(2.0 * wanted, 0.9))
        squares = np.minimum(np.square(self.widths) + (wanted - found) / np.square(answer), _WIDEST**2)
        seen = squares > _SURE * np.sqrt(error + other) / np.square(answer)
        divided = np.array([layer.n_alpha > 2 for layer in geometry.layers])[ring_layers(geometry)]
        widths = np.sqrt(np.where(seen & divided, squares, 0.0))
        made = type(self)(self.knots, widths, self.roots)
        return type(self)(self.knots, widths, made._correlated(geometry, truth, drawn))

    def _correlated(self, geometry: CalorimeterGeometry, truth: Dipoles, drawn: Dipoles) -> FloatArray:
        """Roots of the correlations that rings of one index have, layer by layer."""
        n = len(self.roots)
        roots, index = np.eye(n), ring_indices(geometry)
        width = self.width(truth.incident)
        for at in range(int(index.max()) + 1):
            rings = np.flatnonzero(index == at)
            scale = 0.5 * np.maximum(width[:, rings], 0.02)
            before = self.roots[np.ix_(rings, rings)] @ self.roots[np.ix_(rings, rings)].T
            lacking = truth.products(rings, scale) - drawn.products(rings, scale)
            has = width[:, rings].mean(axis=0) > 0.02
            wanted = np.where(np.outer(has, has), before * _off_diagonal(len(rings)) + lacking, 0.0)
            roots[np.ix_(rings, rings)] = _root(np.clip(wanted, -0.95, 0.95))
        return roots

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """What a file keeps."""
        return {"knots": self.knots, "widths": self.widths, "roots": self.roots}


def ring_indices(geometry: CalorimeterGeometry) -> NDArray[np.int64]:
    """Index of each ring in its layer."""
    return np.concatenate([np.arange(layer.n_r) for layer in geometry.layers])


def _off_diagonal(n: int) -> FloatArray:
    return 1.0 - np.eye(n)


def _root(correlations: FloatArray) -> FloatArray:
    """Square root of the nearest that are possible, with 1 on the diagonal."""
    filled = correlations.copy()
    np.fill_diagonal(filled, 1.0)
    values, vectors = np.linalg.eigh(0.5 * (filled + filled.T))
    root = vectors * np.sqrt(np.maximum(values, 1e-6))
    return np.asarray(root / np.linalg.norm(root, axis=1, keepdims=True))
