"""A trained network and its noise: what takes noise away. Keras comes in when it is first asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l1ml.determinism import fix_sums, graphs_as_written
from l1ml.storage import digest_of
from offline.calorimeter.generators.diffusion.network_shape import NetworkShape
from offline.calorimeter.generators.diffusion.noise import Noise
from offline.calorimeter.generators.diffusion.preconditioning import Preconditioning
from offline.calorimeter.generators.diffusion.samplers import Denoise
from offline.calorimeter.generators.kept_training import array_digest

__all__ = ["Conditions", "Denoiser", "denoise_with"]

Float32Array = NDArray[np.float32]
Found = Callable[[Sequence[Float32Array]], Float32Array]
"""Outputs of a network."""


class Conditions(NamedTuple):
    """What a network is told of showers: of each layer, shape (n, n_layers, any), and of all of each, shape (n, any)."""

    layers: Float32Array
    common: Float32Array

    @classmethod
    def of(cls, scaled: Float32Array, n_layers: int) -> Conditions:
        """From what `LayerInputs` makes of showers."""
        return cls(np.stack([scaled[:, 1 : n_layers + 1], scaled[:, n_layers + 1 :]], axis=2), scaled[:, :1])

    def select(self, rows: Any) -> Conditions:
        """Some showers."""
        return Conditions(self.layers[rows], self.common[rows])


def denoise_with(found: Found, noise: Noise, conditions: Conditions) -> Denoise:
    """D(x, t) of showers with these `conditions`, by a network whose outputs are `found`."""

    def denoise(x: NDArray[Any], times: Any) -> NDArray[Any]:
        around = Preconditioning.of(noise, np.asarray(times))
        clock = np.broadcast_to(around.clock.reshape(-1, 1), (len(x), 1))
        inputs = [around.scaled(x).astype(np.float32, copy=False), *conditions, clock]
        return around.denoised(x, found(inputs))

    return denoise


@dataclass(frozen=True, eq=False, slots=True)
class Denoiser:
    """A network with weights.

    Parameters
    ----------
    shape : NetworkShape
        Of the network.
    noise : Noise
        That it was trained with.
    weights : tuple of ndarray
        In the order in which Keras lists them.
    """

    shape: NetworkShape
    noise: Noise
    weights: tuple[NDArray[Any], ...]
    _compiled: dict[int, Any] = field(default_factory=dict, repr=False)

    @property
    def n_weights(self) -> int:
        """Number of parameters."""
        return sum(part.size for part in self.weights)

    def digest(self) -> str:
        """SHA-256 of the weights."""
        return digest_of([array_digest(part) for part in self.weights])

    def given(self, conditions: Conditions) -> Denoise:
        """D(x, t) of showers with these conditions, x of the shape (n, layers, sectors, rings)."""
        return denoise_with(self.found, self.noise, conditions)

    def found(self, inputs: Sequence[Float32Array]) -> Float32Array:
        """What the network gives, traced for each number of showers: sums do not depend on what was asked before."""
        n = len(inputs[0])
        if n not in self._compiled:
            self._compiled[n] = self._network()
        with graphs_as_written():
            return np.asarray(self._compiled[n].predict_on_batch(list(inputs)))

    def _network(self) -> Any:
        from offline.calorimeter.generators.diffusion.network import compiled_network

        fix_sums()
        network = compiled_network(self.shape)
        network.set_weights(list(self.weights))
        return network
