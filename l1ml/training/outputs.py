"""What a network gives for a sample that it is asked about once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["outputs_of"]

_BATCH = 8192


def outputs_of(network: Any, inputs: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Outputs (n, n_outputs) of a Keras model, layer by layer.

    ``predict`` compiles a graph first, which takes a second; of many networks that are asked once TensorFlow warns then.
    """
    parts = [np.asarray(network(inputs[start : start + _BATCH], training=False)) for start in range(0, len(inputs), _BATCH)]
    return np.concatenate(parts)
