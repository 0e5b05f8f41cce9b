"""Weights of an ensemble as a file keeps them: each member as a perceptron of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["arrays_of_members", "member_arrays"]


def member_arrays(weights: Sequence[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """For a file: of each member the kernel, shape (in, out), and the bias, shape (out,), of each layer.

    Parameters
    ----------
    weights : sequence of ndarray
        Kernels, shape (members, in, out), and biases, shape (members, 1, out), in turn.
    """
    n = len(weights[0])
    parts = {f"member{m}/{i}": values[m] if i % 2 == 0 else values[m, 0] for m in range(n) for i, values in enumerate(weights)}
    return {"counts": np.full(n, len(weights)), **parts}


def arrays_of_members(arrays: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
    """Inverse of `member_arrays`; others may be among them."""
    counts = arrays["counts"].tolist()
    stacked = [np.stack([arrays[f"member{m}/{i}"] for m in range(len(counts))]) for i in range(counts[0])]
    return [values if values.ndim == 3 else values[:, None] for values in stacked]
