"""Voxels as numbers that are nearly standard normal, and back, where energy and hits of each layer are known.

A hit is the logarithm of its energy over the least one, so 0 or more; a voxel without energy is a random number below 0, with an
exponential distribution. Of both a mean is taken off, and what remains is divided by a width; these are polynomials in the
logarithms of the layer's energy and hits, other ones for each ring, whose quantiles then become those of a normal distribution.
On the way back as many voxels of a layer are hit as it has hits, those with the largest numbers, and they share its energy:
layers get theirs whatever the numbers are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from offline.calorimeter.generators.layer_inputs import own_terms
from offline.calorimeter.generators.ring_sums import ring_layers
from offline.calorimeter.generators.voxel_draw import largest, shared_energies
from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.transforms.quantile_table import quantile_table, scores_of, values_of

__all__ = ["VoxelScores", "voxel_logarithms"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Float32Array = NDArray[np.float32]

_LOG_WIDTHS = (-3.0, 3.0)
"""Limits, which polynomials far from the training would leave."""

_MEAN_LOG = -0.635
"""Mean of ln |x| of a standard normal x."""

_TABLED = 10_000
"""Showers whose quantiles are taken."""

_ROWS = 100

_ABOVE = 1e-3
"""Least excess over the least energy, in its units: a voxel that is hit has some."""


@dataclass(frozen=True, eq=False, slots=True)
class VoxelScores:
    """The numbers of the transform.

    Parameters
    ----------
    geometry : CalorimeterGeometry
        Voxels.
    least : float
        Scale of energies, MeV: the threshold, or the smallest energy of the training where there is none.
    mean, log_width : ndarray of float32, shape (n_rings, OWN_TERMS + 1)
        Coefficients of one and of `own_terms`.
    quantiles : ndarray of float64, shape (n_rings, knots)
        Of what remains, see `quantile_table`.
    """

    geometry: CalorimeterGeometry
    least: float
    mean: Float32Array
    log_width: Float32Array
    quantiles: FloatArray

    @classmethod
    def of(cls, geometry: CalorimeterGeometry, least: float, scaled: Float32Array, logs: Float32Array) -> Self:
        """For showers with the layers `scaled`, as `LayerInputs` has them, and the logarithms `logs`, see `voxel_logarithms`."""
        terms = _terms(scaled, geometry.n_layers)
        mean = _fitted(geometry, terms, logs)
        plain = cls(geometry, least, mean, np.zeros_like(mean), np.zeros((len(mean), 0)))
        rest = np.log(np.abs(plain._standard(scaled, logs)) + np.float32(1e-6)) - np.float32(_MEAN_LOG)
        wide = replace(plain, log_width=_fitted(geometry, terms, rest))
        standard, ring = wide._standard(scaled[:_TABLED], logs[:_TABLED]), geometry.voxels.ring
        rings = [quantile_table(standard[:, ring == at].reshape(-1, 1)) for at in range(len(mean))]
        return replace(wide, quantiles=np.concatenate(rings))

    def forward(self, scaled: Float32Array, logs: Float32Array) -> Float32Array:
        """Scores of `logs`, shape (n, n_voxels)."""
        made, table = self._standard(scaled, logs), self.quantiles[self.geometry.voxels.ring][None]
        for start in range(0, len(made), _ROWS):
            made[start : start + _ROWS] = scores_of(made[start : start + _ROWS], table)
        return made

    def inverse(
        self, scaled: Float32Array, layers: FloatArray, hits: IntArray, scores: Float32Array, threshold: float
    ) -> Float32Array:
        """Energies of voxels, shape (n, n_voxels), MeV, whose layers have the energies `layers` and as many `hits`."""
        mean, width = self._numbers(scaled)
        logs = mean + width * values_of(scores, self.quantiles[self.geometry.voxels.ring][None])
        made = np.zeros(logs.shape, np.float32)
        for at, place in enumerate(self.geometry.voxel_slices):
            key = logs[:, place]
            hit = largest(key, hits[:, at])
            rows, _ = np.nonzero(hit)
            above = self.least * np.maximum(np.expm1(np.minimum(key[hit].astype(np.float64), 80.0)), _ABOVE)
            drawn = above + (self.least - threshold)
            made[:, place][hit] = shared_energies(drawn, rows, layers[:, at], hits[:, at], threshold)
        return made

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """What a file keeps."""
        return {"mean": self.mean, "log_width": self.log_width, "quantiles": self.quantiles}

    def _standard(self, scaled: Float32Array, logs: Float32Array) -> Float32Array:
        """`logs` without mean and width."""
        mean, width = self._numbers(scaled)
        return np.asarray((logs - mean) / width)

    def _numbers(self, scaled: Float32Array) -> tuple[Float32Array, Float32Array]:
        """Mean and width of each voxel, shape (n, n_voxels)."""
        terms, ring = _terms(scaled, self.geometry.n_layers), self.geometry.voxels.ring
        of_rings = terms.transpose(1, 0, 2)[ring_layers(self.geometry)]
        mean, log_width = (np.matmul(of_rings, part[..., None])[..., 0].T for part in (self.mean, self.log_width))
        return mean[:, ring], np.exp(np.clip(log_width, *_LOG_WIDTHS))[:, ring]


def voxel_logarithms(energies: Float32Array, least: float, rng: np.random.Generator) -> Float32Array:
    """Logarithms of `energies` over the `least` one, and minus exponential numbers where there is none."""
    made = -rng.standard_exponential(energies.shape, np.float32)
    hit = energies > 0
    made[hit] = np.log(np.maximum(energies[hit] / np.float32(least), np.float32(1.0)))
    return made


def _terms(scaled: Float32Array, n_layers: int) -> Float32Array:
    """One and the terms of each layer, shape (n, n_layers, OWN_TERMS + 1)."""
    terms = own_terms(scaled, n_layers)
    return np.concatenate([np.ones_like(terms[..., :1]), terms], axis=2)


def _fitted(geometry: CalorimeterGeometry, terms: Float32Array, values: Float32Array) -> Float32Array:
    """Coefficients of `terms` that fit `values`, shape (n, n_voxels), ring by ring with the least squares."""
    parts = []
    for at, (layer, place) in enumerate(zip(geometry.layers, geometry.voxel_slices, strict=True)):
        rings = values[:, place].reshape(len(values), layer.n_alpha, layer.n_r).mean(axis=1)
        parts.append(np.linalg.lstsq(terms[:, at].astype(np.float64), rings, rcond=1e-9)[0].T)
    return np.concatenate(parts).astype(np.float32)
