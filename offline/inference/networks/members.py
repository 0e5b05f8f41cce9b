"""Networks of one shape, trained and asked together, for the price of few.

Members stand one after another in one graph: what one member holds between two layers fits into a cache, and products of two
matrices are faster than products of stacks of them. With an axis of members through all layers values and gradients of 30 take
1.7 times as long.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require

keras = require("keras")
ops = keras.ops

__all__ = ["MemberPerceptron"]

Floats = NDArray[np.float32]


class MemberPerceptron(keras.layers.Layer):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """Several multi-layer perceptrons with SiLU between layers; outputs start from 0.

    Parameters
    ----------
    n_inputs : int
        Columns that all of them read.
    widths : tuple of int
        Hidden layers.
    n_outputs : int
        Columns.
    seeds : sequence of int
        Of the weights of each member; they share nothing but their inputs.
    """

    def __init__(self, n_inputs: int, widths: tuple[int, ...], n_outputs: int, seeds: Sequence[int]) -> None:
        super().__init__()
        self.members = members = len(seeds)
        self.kernels, self.biases = [], []
        for index, (fan_in, fan_out) in enumerate(pairwise((n_inputs, *widths, n_outputs))):
            self.kernels.append(self._weight(f"kernel_{index}", (members, fan_in, fan_out)))
            self.biases.append(self._weight(f"bias_{index}", (members, 1, fan_out)))
        for index, kernel in enumerate(self.kernels[:-1]):
            kernel.assign(np.stack([_uniform(kernel.shape[1:], seed, index) for seed in seeds]))
        self.built = True

    def call(self, x: Any) -> Any:
        """Outputs, shape (members, n, outputs), of inputs of shape (n, inputs)."""
        # all weights of a member together; their gradients are stacked again, once
        members = zip(*(ops.unstack(ops.convert_to_tensor(one)) for one in (*self.kernels, *self.biases)), strict=True)
        return ops.stack([_outputs(x, weights[: len(self.kernels)], weights[len(self.kernels) :]) for weights in members])

    def with_slopes(self, x: Any, n: int) -> tuple[Any, Any]:
        """Outputs, and their derivatives by the first `n` inputs, shape (members, n, events, outputs).

        Derivatives are carried forward beside the values: the loss may depend on them on any backend of Keras.
        """
        before = ops.matmul(x, self.kernels[0]) + self.biases[0]
        slopes = self.kernels[0][:, :n, None, :]
        for kernel, bias in zip(self.kernels[1:], self.biases[1:], strict=True):
            gate = ops.sigmoid(before)
            # the derivative of SiLU
            slopes = slopes * (gate * (1 + before * (1 - gate)))[:, None]
            before, slopes = ops.matmul(before * gate, kernel) + bias, ops.matmul(slopes, kernel[:, None])
        return before, slopes

    def _weight(self, name: str, shape: tuple[int, ...]) -> Any:
        return self.add_weight(name=name, shape=shape, initializer="zeros", dtype="float32")


def _outputs(x: Any, kernels: Sequence[Any], biases: Sequence[Any]) -> Any:
    """Of one member, shape (n, outputs)."""
    hidden = x
    for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
        hidden = ops.silu(ops.matmul(hidden, kernel) + bias)
    return ops.matmul(hidden, kernels[-1]) + biases[-1]


def _uniform(shape: tuple[int, ...], *seed: int) -> Floats:
    """A kernel of Glorot's (X. Glorot and Y. Bengio, 2010)."""
    limit = math.sqrt(6.0 / sum(shape))
    return np.random.default_rng(seed).uniform(-limit, limit, shape).astype(np.float32)
