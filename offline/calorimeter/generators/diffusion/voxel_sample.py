"""Showers as a network of voxels learns from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError
from l1ml.storage import digest_of
from offline.calorimeter.generators.diffusion.denoiser import Conditions
from offline.calorimeter.generators.diffusion.noise import Noise
from offline.calorimeter.generators.diffusion.preconditioning import Preconditioning
from offline.calorimeter.generators.diffusion.regression import Batch, Batches
from offline.calorimeter.generators.diffusion.voxel_scores import VoxelScores, voxel_logarithms
from offline.calorimeter.generators.kept_training import array_digest
from offline.calorimeter.generators.layer_fit import LayerSample
from offline.calorimeter.generators.layer_inputs import LayerInputs
from offline.calorimeter.geometry import CalorimeterGeometry
from offline.calorimeter.shower_file import ShowerFile
from offline.calorimeter.showers import Showers

__all__ = ["VoxelSample", "denoising", "grid_of", "logarithms_of", "noisy", "regression_batch"]

FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class VoxelSample:
    """Scores and conditions; the last showers are held out.

    Parameters
    ----------
    scores : ndarray of float32, shape (n, layers, sectors, rings)
        Voxels.
    conditions : Conditions
        Layers.
    held_out : int
        How many of the last ones are not learnt from.
    """

    scores: Float32Array
    conditions: Conditions
    held_out: int

    @classmethod
    def of(cls, sample: LayerSample, logs: Float32Array, inputs: LayerInputs, scores: VoxelScores) -> Self:
        """Of the layers of a `sample` and its voxels as `logs`, in the same order."""
        scaled = inputs(sample.sums.incident, sample.sums.layers, sample.hits)
        made = scores.forward(scaled, logs).reshape(len(logs), *sample.geometry.grid)
        return cls(made, Conditions.of(scaled, sample.geometry.n_layers), sample.held_out)

    @property
    def learnt(self) -> int:
        """Showers to learn from."""
        return len(self.scores) - self.held_out

    def digest(self) -> str:
        """SHA-256 of all of it."""
        return digest_of([array_digest(part) for part in (self.scores, *self.conditions)])


def logarithms_of(showers: Showers | ShowerFile, sample: LayerSample, rng: np.random.Generator, least: float) -> Float32Array:
    """Voxels of `showers` in the order of `sample` as logarithms: all of them are in memory from here on."""
    whole = showers.read() if isinstance(showers, ShowerFile) else showers
    return voxel_logarithms(whole.energies[sample.order], least, rng)


def grid_of(geometry: CalorimeterGeometry) -> tuple[int, int, int]:
    """Layers, sectors and rings.

    Raises
    ------
    ConfigError
        If layers are not alike.
    """
    if not geometry.is_regular:
        msg = (
            "a convolution needs layers of the same rings and sectors, and those of this geometry differ: "
            "train the method cascade, which takes any"
        )
        raise ConfigError(msg)
    return geometry.grid


def denoising(sample: VoxelSample, noise: Noise) -> Batches:
    """Batches for the mean of all data that may have become what is seen (arXiv:2206.00364, eq. 8; arXiv:2210.02747, eq. 23).

    Times of a batch are spread evenly over their distribution, each at random in its part of it (arXiv:2107.00630, appendix I.1).
    """

    def batch(rows: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        n, clean = len(rows), sample.scores[rows]
        times = noise.quantile((np.arange(n) + rng.uniform(1e-6, 1 - 1e-6, n)) / n)
        x = noisy(clean, noise, times, rng)
        return regression_batch(noise, times, (x, clean), sample.conditions.select(rows), noise.weight(times))

    return batch


def regression_batch(
    noise: Noise, times: FloatArray, pair: tuple[Float32Array, Float32Array], given: Conditions, weight: FloatArray
) -> Batch:
    """What the network must give so that D(x, times) is what it should be; `pair` is x and that."""
    around = Preconditioning.of(noise, times)
    inputs = [around.scaled(pair[0]), *given, around.clock[:, None]]
    return Batch(inputs, around.target(*pair), weight.astype(np.float32))


def noisy(clean: Float32Array, noise: Noise, times: FloatArray, rng: np.random.Generator) -> Float32Array:
    """Data with noise of a time of its own on each row."""
    mean, std = (np.asarray(part, np.float32).reshape(-1, 1, 1, 1) for part in (noise.mean(times), noise.std(times)))
    return np.asarray(mean * clean + std * rng.standard_normal(clean.shape, np.float32))
