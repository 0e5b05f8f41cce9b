"""A multi-layer perceptron in numpy: what a trained network is once its training is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError

__all__ = ["Dense"]

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class Dense:
    """Layers one after the other, with the activation silu between them.

    Parameters
    ----------
    kernels : tuple of ndarray of float32, each of shape (n_in, n_out)
        Weights.
    biases : tuple of ndarray of float32, each of shape (n_out,)
        Biases.

    Raises
    ------
    DataError
        If shapes do not follow one another.
    """

    kernels: tuple[Float32Array, ...]
    biases: tuple[Float32Array, ...]

    def __post_init__(self) -> None:
        widths = [self.kernels[0].shape[0], *(len(bias) for bias in self.biases)]
        expected = list(pairwise(widths))
        if [kernel.shape for kernel in self.kernels] != expected:
            msg = f"kernels of the shapes {[kernel.shape for kernel in self.kernels]} do not fit, expected {expected}"
            raise DataError(msg)

    def __call__(self, values: NDArray[Any]) -> Float32Array:
        """Outputs, shape (n, n_out of the last layer)."""
        hidden = np.asarray(values, np.float32)
        for kernel, bias in zip(self.kernels[:-1], self.biases[:-1], strict=True):
            hidden = hidden @ kernel + bias
            # x / (1 + exp(-x)) without an overflow
            hidden *= 0.5 + 0.5 * np.tanh(0.5 * hidden)
        return hidden @ self.kernels[-1] + self.biases[-1]

    @classmethod
    def of(cls, weights: Sequence[NDArray[Any]]) -> Self:
        """Of kernels and biases by turns, as Keras lists them."""
        made = [np.asarray(weight, np.float32) for weight in weights]
        return cls(tuple(made[::2]), tuple(made[1::2]))

    @property
    def n_weights(self) -> int:
        """Number of parameters."""
        return sum(part.size for part in (*self.kernels, *self.biases))

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """What a file keeps."""
        parts = zip(("kernel", "bias"), (self.kernels, self.biases), strict=True)
        return {f"{name}-{at}": array for name, arrays in parts for at, array in enumerate(arrays)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Of what a file has kept."""
        n = sum(name.startswith("kernel-") for name in arrays)
        return cls.of([arrays[f"{name}-{at}"] for at in range(n) for name in ("kernel", "bias")])
