"""Where in a network Keras and the integers part: the first layer whose words differ for one crossing."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.emulation.stage_trace import StageTrace
from l1ml.errors import L1mlError
from l1ml.model import TriggerModel
from l1ml.model.extraction import extract_network
from l1ml.model.network import Network

__all__ = ["first_difference"]

_ADDED = re.compile(r"(_activation)?(_part\d+)?$")
"""What the operations of a layer have behind its name: its own activation, and numbers where there are several."""


def first_difference(model: TriggerModel, words: NDArray[np.integer]) -> str:
    """One sentence about the first operation that differs between the weights of `model` and its integer network.

    Parameters
    ----------
    model : TriggerModel
        Its ``.keras`` file and its network should be the same; here they are not.
    words : ndarray of int, shape (n_features,)
        Input words of a crossing for which they give other scores.
    """
    keras = model.keras()
    try:
        extracted = extract_network(keras, model.input_formats)
    except L1mlError as error:
        return f"the .keras file has no integer network: {error}"
    if extracted.digest != model.network.digest:
        return _other_operation(extracted, model.network)
    return _other_words(keras, extracted, words)


def _other_operation(extracted: Network, stored: Network) -> str:
    """Where the network that the weights give is another one than that of ``golden.h5``."""
    pairs = zip(extracted.nodes, stored.to_dict()["operations"], extracted.to_dict()["operations"], strict=False)
    for index, (node, old, new) in enumerate(pairs):
        if old != new:
            changed = ", ".join(key for key in new if old.get(key) != new[key])
            return f"operation {index} (layer {node.name!r}): {changed} of the .keras file and of golden.h5 differ"
    return f"the .keras file gives {len(extracted.operations)} operations, golden.h5 has {len(stored.operations)}"


def _other_words(keras: Any, network: Network, words: NDArray[np.integer]) -> str:
    """The first layer whose output is not the words of its last operation; both sides have the same operations."""
    last = {_ADDED.sub("", node.name): index for index, node in enumerate(network.nodes, start=1)}
    layers = [layer for layer in keras.layers if layer.name in last]
    row = words.astype(np.float32).reshape(1, *keras.input_shape[1:])
    outputs = require("keras").Model(keras.input, [layer.output for layer in layers])(row, training=False)
    stages = StageTrace(network)(words[np.newaxis])
    for layer, output in zip(layers, outputs, strict=True):
        index = last[layer.name]
        values = np.asarray(output, np.float64).ravel()
        expected = stages[index][0] * 2.0 ** -network.stages[index].fractional
        if values.shape == expected.shape and not np.array_equal(values, expected):
            place = int(np.flatnonzero(values != expected)[0])
            return f"layer {layer.name!r} gives {values[place]:g} in Keras and {expected[place]:g} in integers, output {place}"
    return "no layer differs when the crossing is computed alone: the sum depends on the batch, beyond float32"
