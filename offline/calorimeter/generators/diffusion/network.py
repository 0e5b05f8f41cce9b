"""A convolutional U-Net on a cylinder: turning a shower around its axis turns the output, by any number of sectors.

A shower of a regular geometry is an image of layers and sectors whose channels are its rings. Convolutions close around the
axis and end with zeros in front and behind. Going down halves the layers and never the sectors, of which some turns would then
be others; what lies twice as far apart is seen by holes in the kernels instead. Rings are no direction of a convolution,
because no two of them are alike: each has its own weights.
"""

from __future__ import annotations

import math
from typing import Any

from l1ml._optional import require
from offline.calorimeter.generators.diffusion.network_shape import NetworkShape

keras = require("keras")
ops = keras.ops

__all__ = ["CylinderConvolution", "compiled_network", "cylinder_network"]

_CLOCK_TERMS = 4


class CylinderConvolution(keras.layers.Layer):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """A convolution of 3 layers and 3 sectors, the latter some sectors apart, of arrays (n, layers, sectors, channels).

    Parameters
    ----------
    width : int
        Channels of the output.
    apart : int
        Sectors from one weight to the next; no more than there are.
    zero : bool
        Start from zero.
    """

    def __init__(self, width: int, apart: int = 1, *, zero: bool = False) -> None:
        super().__init__()
        self._width, self._apart = width, apart
        start = "zeros" if zero else "glorot_uniform"
        self.convolution = keras.layers.Conv2D(width, 3, dilation_rate=(1, apart), kernel_initializer=start)

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Weights for inputs of `shape`."""
        self.convolution.build((None, shape[1] + 2, shape[2] + 2 * self._apart, shape[3]))  # type: ignore[operator]

    def call(self, x: Any) -> Any:
        """The convolution, of the same layers and sectors."""
        around = ops.concatenate([x[:, :, -self._apart :], x, x[:, :, : self._apart]], axis=2)
        return self.convolution(ops.pad(around, ((0, 0), (1, 1), (0, 0), (0, 0))))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Shape of the output."""
        return (*shape[:-1], self._width)


class Place(keras.layers.Layer):  # type: ignore[misc, name-defined]
    """A constant of each layer and channel, added: the way through the calorimeter is no direction in which all is alike."""

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.constant = self.add_weight(shape=(shape[1], 1, shape[3]), initializer="zeros", name="place")

    def call(self, x: Any) -> Any:
        return x + self.constant


def cylinder_network(shape: NetworkShape) -> Any:
    """The network.

    Its inputs are the voxels, (n, layers, sectors, rings), conditions of each layer, (n, layers, n_conditions), those of the
    whole shower, (n, n_common), and the clock, (n, 1); its output is like the first.
    """
    n_layers, n_alpha, n_r = shape.grid
    voxels, layers = keras.Input((n_layers, n_alpha, n_r)), keras.Input((n_layers, shape.n_conditions))
    common, clock = keras.Input((shape.n_common,)), keras.Input((1,))
    state = _state(layers, common, clock, 4 * shape.widths[0])
    spread = ops.repeat(ops.expand_dims(layers, 2), n_alpha, axis=2)
    x = Place()(CylinderConvolution(shape.widths[0])(ops.concatenate([voxels, spread], axis=-1)))
    kept = []
    for level, width in enumerate(shape.widths):
        if level:
            kept.append(x)
            x = keras.layers.AveragePooling2D((2, 1), padding="same")(x)
        x = _blocks(x, state, width, _apart(level, n_alpha), shape.blocks)
    for level in reversed(range(len(kept))):
        fine = kept[level]
        x = ops.repeat(x, 2, axis=1)[:, : fine.shape[1]]
        x = _blocks(ops.concatenate([x, fine], axis=-1), state, shape.widths[level], _apart(level, n_alpha), shape.blocks)
    found = CylinderConvolution(n_r, zero=True)(keras.activations.silu(x)) + _share(state, shape.grid) * voxels
    return keras.Model([voxels, layers, common, clock], found)


def _share(state: Any, grid: tuple[int, ...]) -> Any:
    """How much of its input a voxel of each layer and ring adds to the output: most of what a single large step must know."""
    n_layers, _, n_r = grid
    made = keras.layers.Dense(n_layers * n_r, kernel_initializer="zeros")(state)
    return keras.layers.Reshape((n_layers, 1, n_r))(made)


def _apart(level: int, n_alpha: int) -> int:
    """Sectors between weights at a level."""
    return min(1 << level, max(1, n_alpha // 2))


def _state(layers: Any, common: Any, clock: Any, width: int) -> Any:
    """What all blocks are told: the conditions, and the clock as sines and cosines of rising frequency."""
    turns = [math.pi * 2.0**power * clock / 4 for power in range(_CLOCK_TERMS)]
    terms = [clock, *(wave(turn) for turn in turns for wave in (ops.sin, ops.cos))]
    told = ops.concatenate([keras.layers.Flatten()(layers), common, *terms], axis=-1)
    hidden = keras.layers.Dense(width, activation="silu")(told)
    return keras.layers.Dense(width, activation="silu")(hidden)


def _blocks(x: Any, state: Any, width: int, apart: int, n: int) -> Any:
    for _ in range(n):
        x = _block(x, state, width, apart)
    return x


def _block(x: Any, state: Any, width: int, apart: int) -> Any:
    """Two convolutions beside a way around them; between them the state scales and shifts channels (arXiv:1709.07871)."""
    hidden = CylinderConvolution(width, apart)(keras.activations.silu(x))
    factor, shift = (keras.layers.Reshape((1, 1, width))(keras.layers.Dense(width)(state)) for _ in range(2))
    hidden = CylinderConvolution(width, apart, zero=True)(keras.activations.silu(hidden * (1.0 + factor) + shift))
    return (x if x.shape[-1] == width else keras.layers.Dense(width, use_bias=False)(x)) + hidden


def compiled_network(shape: NetworkShape) -> Any:
    """The network, to be asked in batches."""
    made = cylinder_network(shape)
    # TensorFlow takes longer to compile than is gained; JAX is slow without
    made.compile(jit_compile=keras.backend.backend() == "jax")
    return made
