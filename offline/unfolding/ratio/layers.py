"""Networks of an ensemble as arrays, evaluated by numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offline.unfolding.sample import FloatArray

__all__ = ["Layers", "blocks_of", "chain", "forward", "silu"]

Layers = tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]
"""Kernel, shape (members, inputs, outputs), and bias, shape (members, 1, outputs), of each layer; the last has one output."""

_BLOCK = 8192
"""Events at a time: their activations fit the cache."""


def forward(layers: Layers, scaled: FloatArray) -> FloatArray:
    """Outputs of all members at `scaled`, shape (n, d): an array of shape (n, members)."""
    return np.concatenate(
        [chain(layers, scaled[rows].astype(np.float32)[None])[..., 0].T for rows in blocks_of(len(scaled))]
    ).astype(np.float64)


def chain(layers: Layers, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """`values`, shape (members or 1, n, inputs), through the layers, SiLU between them: (members, n, outputs)."""
    for index, (kernel, bias) in enumerate(layers):
        values = (silu(values) if index else values) @ kernel + bias
    return values


def silu(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values times their sigmoid, by tanh, which does not overflow."""
    return np.asarray(0.5 * values * (1 + np.tanh(0.5 * values)))


def blocks_of(n: int) -> list[slice]:
    """Slices of `n` events, one at least."""
    return [slice(start, start + _BLOCK) for start in range(0, max(n, 1), _BLOCK)]
