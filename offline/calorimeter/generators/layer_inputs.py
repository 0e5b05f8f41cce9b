"""What the networks of voxels are told of a shower: its energy, and energies and hits of its layers, as scaled logarithms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["OWN_TERMS", "LayerInputs", "own_terms"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Float32Array = NDArray[np.float32]

OWN_TERMS = 8


@dataclass(frozen=True, eq=False, slots=True)
class LayerInputs:
    """The scaling.

    Parameters
    ----------
    hit_energy : float
        Scale of energies, MeV.
    mean, width : ndarray of float32, shape (2 n_layers + 1,)
        Of the logarithms.
    """

    hit_energy: float
    mean: Float32Array
    width: Float32Array

    @classmethod
    def of(cls, incident: FloatArray, layers: FloatArray, hits: IntArray, hit_energy: float) -> Self:
        """Scaling of such showers; a constant column keeps a width of one."""
        raw = _logarithms(incident, layers, hits, hit_energy)
        width = raw.std(axis=0)
        return cls(hit_energy, raw.mean(axis=0).astype(np.float32), np.where(width > 1e-6, width, 1.0).astype(np.float32))

    def __call__(self, incident: FloatArray, layers: FloatArray, hits: IntArray) -> Float32Array:
        """The energy of each particle, energies of layers, hits of layers; shape (n, 2 n_layers + 1)."""
        return ((_logarithms(incident, layers, hits, self.hit_energy) - self.mean) / self.width).astype(np.float32)


def _logarithms(incident: FloatArray, layers: FloatArray, hits: IntArray, hit_energy: float) -> FloatArray:
    logs = np.log(incident)[:, None], np.log1p(layers / hit_energy), np.log1p(hits)
    return np.concatenate(logs, axis=1)


def own_terms(scaled: Any, n_layers: int) -> Any:
    """Powers of the energy and the hits of each layer, and their products with ln E; shape (n, n_layers, OWN_TERMS)."""
    energy, hits = scaled[:, 1 : n_layers + 1], scaled[:, n_layers + 1 :]
    at = np.broadcast_to(scaled[:, :1], energy.shape)
    terms = (at, energy, hits, energy * energy, hits * hits, energy * hits, at * energy, at * hits)
    return np.stack(terms, axis=2)
