"""Voxels, drawn where energy and number of hits of each layer are known.

Which voxels are hit: each ring has a probability q, and of the voxels of a layer the n with the largest logit(q) + logit(U) are
hit, U uniform. That is Pareto sampling (Rosen 1997), which draws exactly n with probabilities near q.

How the energy of a layer above the threshold is shared among them: shares are proportional to gamma distributed numbers, whose
shape a and scale each ring has of its own (a Dirichlet distribution where scales are equal). Their sum is that of the layer
whatever is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from offline.calorimeter.generators.dense import Dense
from offline.calorimeter.generators.layer_inputs import LayerInputs, own_terms
from offline.calorimeter.generators.ring_sums import ring_layers
from offline.calorimeter.geometry import CalorimeterGeometry, Layer

__all__ = ["SCALE_RANGE", "SHAPE_RANGE", "RingLaw", "RingTable", "draw_voxels", "largest", "shared_energies"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Float32Array = NDArray[np.float32]

SHAPE_RANGE, SCALE_RANGE = (-3.0, 9.0), (-12.0, 12.0)
"""Limits of ln a and of ln of the scale."""


@dataclass(frozen=True, eq=False, slots=True)
class RingTable:
    """Three numbers of each ring, all of shape (n, n_rings): logit of q, ln a, ln of the scale."""

    logit: Float32Array
    log_shape: Float32Array
    log_scale: Float32Array


@dataclass(frozen=True, eq=False, slots=True)
class RingLaw:
    """A network of all layers, and terms of a ring's own layer beside it.

    Parameters
    ----------
    geometry : CalorimeterGeometry
        Voxels.
    inputs : LayerInputs
        Scaling of what the network is told.
    network : Dense
        From scaled inputs to three numbers of each ring.
    own : ndarray of float32, shape (n_rings, OWN_TERMS, 3)
        Coefficients of the terms.
    """

    geometry: CalorimeterGeometry
    inputs: LayerInputs
    network: Dense
    own: Float32Array

    def table(self, incident: FloatArray, layers: FloatArray, hits: IntArray) -> RingTable:
        """Numbers of all rings."""
        scaled = self.inputs(incident, layers, hits)
        own = own_terms(scaled, self.geometry.n_layers)
        made = self.network(scaled).reshape(len(scaled), -1, 3)
        # ring by ring, each with the coefficients of its own
        extra = np.matmul(own.transpose(1, 0, 2)[ring_layers(self.geometry)], self.own).transpose(1, 0, 2)
        total = made + extra
        return RingTable(total[..., 0], np.clip(total[..., 1], *SHAPE_RANGE), np.clip(total[..., 2], *SCALE_RANGE))

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """What a file keeps."""
        network = {f"network/{name}": array for name, array in self.network.arrays().items()}
        return {"mean": self.inputs.mean, "width": self.inputs.width, "own": self.own, **network}

    @classmethod
    def from_arrays(cls, geometry: CalorimeterGeometry, hit_energy: float, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Of what a file has kept."""
        network = {name.removeprefix("network/"): array for name, array in arrays.items() if name.startswith("network/")}
        inputs = LayerInputs(hit_energy, arrays["mean"], arrays["width"])
        return cls(geometry, inputs, Dense.from_arrays(network), arrays["own"])


def draw_voxels(
    geometry: CalorimeterGeometry,
    layers: FloatArray,
    hits: IntArray,
    table: RingTable,
    *,
    threshold: float,
    rng: np.random.Generator,
    lean: FloatArray | None = None,
) -> Float32Array:
    """Energies of voxels, shape (n, n_voxels), MeV; hits of a layer add up to its energy and hold `threshold` or more each.

    Energies are larger towards `lean`, shape (n, n_rings, 2), where it is given; see `Lean`.
    """
    made = np.zeros((len(layers), geometry.n_voxels), np.float32)
    first = 0
    for at, (layer, place) in enumerate(zip(geometry.layers, geometry.voxel_slices, strict=True)):
        rings = slice(first, first + layer.n_r)
        first += layer.n_r
        # sectors of a ring are alike: rings repeat, radius fastest
        logit = np.tile(table.logit[:, rings], layer.n_alpha)
        hit = _chosen(logit, hits[:, at], rng)
        rows, _ = np.nonzero(hit)
        ring = np.broadcast_to(np.tile(np.arange(layer.n_r), layer.n_alpha), hit.shape)[hit]
        shape, scale = (np.exp(part[:, rings][rows, ring]) for part in (table.log_shape, table.log_scale))
        if lean is not None:
            scale *= _leaning(layer, hit, lean[:, rings][rows, ring])
        drawn = np.maximum(rng.standard_gamma(shape) * scale, 1e-30)
        made[:, place][hit] = shared_energies(drawn, rows, layers[:, at], hits[:, at], threshold)
    return made


def _leaning(layer: Layer, hit: NDArray[np.bool_], lean: FloatArray) -> FloatArray:
    """Factor of each hit of a layer."""
    alpha = np.repeat((np.arange(layer.n_alpha) + 0.5) * (2 * np.pi / layer.n_alpha) - np.pi, layer.n_r)
    at = np.broadcast_to(alpha, hit.shape)[hit]
    return np.asarray(np.exp(lean[:, 0] * np.cos(at) + lean[:, 1] * np.sin(at)))


def shared_energies(drawn: FloatArray, rows: IntArray, layer: FloatArray, hits: IntArray, threshold: float) -> FloatArray:
    """Energies of the hits of one layer, MeV: each has the threshold, and of what is above it a share as large as `drawn` says.

    Parameters
    ----------
    drawn : ndarray of float64, shape (n_hits,)
        Positive, in any unit.
    rows : ndarray of int64, shape (n_hits,)
        Shower of each hit.
    layer, hits : ndarray, shape (n,)
        Energy of the layer in each shower, MeV, and how many hits share it.
    threshold : float
        Least energy of a hit, MeV.
    """
    above = np.maximum(layer - threshold * hits, 0.0)
    return np.asarray(threshold + above[rows] * (drawn / np.bincount(rows, drawn, len(layer))[rows]))


def largest(key: NDArray[Any], n: IntArray) -> NDArray[np.bool_]:
    """Which are the `n` largest of each row of `key`, shape (rows, columns)."""
    ranked = np.sort(key, axis=1)
    last = ranked[np.arange(len(key)), np.clip(key.shape[1] - n, 0, key.shape[1] - 1)]
    return np.asarray((key >= last[:, None]) & (n > 0)[:, None])


def _chosen(logit: Float32Array, n: IntArray, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which voxels are hit: `n` of each row, shape (rows, voxels)."""
    noise = rng.random(logit.shape, dtype=np.float32)
    key = logit + np.log((noise + np.float32(1e-12)) / (1 - noise))
    return largest(key, n)
