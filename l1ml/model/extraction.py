"""From a QKeras model to the integer network that the firmware computes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.builder import NetworkBuilder
from l1ml.model.network import Network
from l1ml.model.readers import REPLACEMENTS, Call, read_layer
from l1ml.model.readers.call import crossing_shape
from l1ml.model.weights import freeze_weights

__all__ = ["REPLACEMENTS", "extract_network", "freeze"]


def extract_network(model: Any, input_formats: Sequence[FixedPoint]) -> Network:
    """Integer network of the Keras `model`, whose inputs are words of `input_formats`.

    An input of any shape is one row of words in C order: of shape (16, 3), three words of the first one of 16, and so on.

    Raises
    ------
    ConversionError
        On a layer, quantiser or topology without an exact fixed-point meaning, by name, with what to use instead.
    """
    builder = NetworkBuilder(input_formats)
    (tensor,), (output,) = _single(model.inputs, "inputs"), _single(model.outputs, "outputs")
    _check_input(tensor, len(input_formats))
    stages = {id(tensor): 0}
    for operation in model.operations:
        if type(operation).__name__ == "InputLayer":
            continue
        node = _only_node(operation)
        sources = [stages[id(tensor)] for tensor in node.input_tensors]
        stages[id(node.output_tensors[0])] = read_layer(Call(builder, operation, node, sources))
    if stages[id(output)] != len(builder.stages) - 1:
        msg = f"the output {output.name!r} is not what the last layer gives; build keras.Model(inputs, output) anew around it"
        raise ConversionError(msg)
    return builder.build()


def _check_input(tensor: Any, n_words: int) -> None:
    """Refuse an input of another number of words than the link has."""
    shape = crossing_shape(tensor)
    if prod(shape) != n_words:
        msg = f"the model reads the shape {shape}, {prod(shape)} words; the link has {n_words}"
        raise ConversionError(msg)


def _single(tensors: Sequence[Any], what: str) -> Sequence[Any]:
    """`tensors`, of which there must be one."""
    if len(tensors) != 1:
        msg = f"the model has {len(tensors)} {what}; put them into one with Concatenate, or convert one model for each"
        raise ConversionError(msg)
    return tensors


def _only_node(operation: Any) -> Any:
    """Where `operation` is applied: the one place in the model."""
    nodes = operation._inbound_nodes
    if len(nodes) != 1:
        msg = f"layer {operation.name!r} is applied {len(nodes)} times; use a layer of its own for each"
        raise ConversionError(msg)
    return nodes[0]


def freeze(model: Any) -> None:
    """Replace every weight of `model` by its quantised value, in place.

    QKeras quantises in the forward pass as ``x + (q(x) - x)``, which float32 does not always close; on a weight that already
    lies on the grid it does, so that Keras computes with exactly the numbers of the firmware.

    Raises
    ------
    ConversionError
        If a weight is NaN or infinite, or its quantiser does not settle on a value.
    """
    for layer in model.layers:
        freeze_weights(layer.layer if type(layer).__name__ == "TimeDistributed" else layer)
