"""An integer network as QKeras layers that compute the same words: the way of a QONNX graph into a model folder.

What comes out is extracted again and compared with the network that went in, so that it is the same network or an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.extraction import extract_network
from l1ml.model.network import Network, Node
from l1ml.model.operations import Absolute, Add, ArgMax, Concatenate, Dense, Maximum, Product, Quantise, Scale, Square, Steps

__all__ = ["keras_model"]

_WIDEST = 24
"""Bits of a weight that float32 holds."""


def keras_model(network: Network) -> Any:
    """The Keras model of QKeras layers that computes `network`.

    Raises
    ------
    ConversionError
        If an operation has no QKeras layer of the same words, by name.
    """
    keras = require("keras")
    tensors = [keras.Input((len(network.input_formats),), name="link_words")]
    for node in network.nodes:
        kind = type(node.operation)
        if kind not in _LAYERS:
            known = ", ".join(item.__name__ for item in _LAYERS)
            msg = f"operation {node.name!r}: {kind.__name__} has no QKeras layer; of a network in QKeras are {known}"
            raise ConversionError(msg)
        name = re.sub(r"\W+", "_", node.name).strip("_")
        tensors.append(_LAYERS[kind](node, name, [tensors[index] for index in node.sources]))
    model = keras.Model(tensors[0], tensors[-1])
    if extract_network(model, network.input_formats).digest != network.digest:
        msg = "the network has no QKeras model of the same operations in the same order; emulate it as it is"
        raise ConversionError(msg)
    return model


Maker = Callable[[Node, str, Sequence[Any]], Any]


def _scale(node: Node, name: str, sources: Sequence[Any]) -> Any:
    operation: Any = node.operation
    return require("keras").layers.Rescaling((2.0**-operation.shift).tolist(), name=name)(sources[0])


def _dense(node: Node, name: str, sources: Sequence[Any]) -> Any:
    operation: Any = node.operation
    weights = [operation.kernel * 2.0**-operation.kernel_fractional]
    quantisers = {"kernel_quantizer": _weight_bits(operation.kernel, operation.kernel_fractional, node)}
    if operation.bias.any():
        weights.append(operation.bias * 2.0**-operation.bias_fractional)
        quantisers["bias_quantizer"] = _weight_bits(operation.bias, operation.bias_fractional, node)
    layer = require("qkeras").QDense(operation.kernel.shape[1], use_bias=len(weights) == 2, name=name, **quantisers)
    output = layer(sources[0])
    layer.set_weights(weights)
    return output


def _weight_bits(words: NDArray[np.int64], fractional: int, node: Node) -> Any:
    """The narrowest quantized_bits that leaves `words` as they are."""
    # one bit would be the sign function
    width = max(int(max(words.max(), -words.min() - 1)).bit_length() + 1, 2)
    if width > _WIDEST:
        msg = f"operation {node.name!r}: weights of {width} bits are more than the {_WIDEST} of float32"
        raise ConversionError(msg)
    return require("qkeras").quantized_bits(width, width - 1 - fractional, alpha=1)


def _quantise(node: Node, name: str, sources: Sequence[Any]) -> Any:
    operation: Any = node.operation
    format_: FixedPoint = operation.format
    if format_.rounding is not Rounding.RND_CONV or not _has_bits(format_):
        msg = f"operation {node.name!r}: QKeras has no quantiser {format_}; it rounds halves to even and saturates"
        raise ConversionError(msg)
    k = int(format_.signed)
    symmetric = int(format_.overflow is Overflow.SAT_SYM)
    bits = require("qkeras").quantized_bits(format_.width, format_.integer - k, symmetric, keep_negative=bool(k), alpha=1)
    return require("qkeras").QActivation(bits, name=name)(sources[0])


def _has_bits(format_: FixedPoint) -> bool:
    return format_.overflow is Overflow.SAT or (format_.overflow is Overflow.SAT_SYM and format_.signed)


def _sign(node: Node, name: str, sources: Sequence[Any]) -> Any:
    operation: Any = node.operation
    if operation.thresholds.tolist() != [0] or operation.values.tolist() != [-1, 1]:
        msg = f"operation {node.name!r}: of functions with steps, QKeras has the sign alone here"
        raise ConversionError(msg)
    qkeras = require("qkeras")
    return qkeras.QActivation(qkeras.quantized_bits(1, 0, alpha=1), name=name)(sources[0])


def _sum(node: Node, name: str, sources: Sequence[Any]) -> Any:
    operation: Any = node.operation
    layers = require("keras").layers
    return (layers.Add if operation.sign > 0 else layers.Subtract)(name=name)(list(sources))


def _listed(class_name: str) -> Maker:
    """A Keras layer of a list of tensors."""
    return lambda _node, name, sources: getattr(require("keras").layers, class_name)(name=name)(list(sources))


def _applied(function: str, **options: Any) -> Maker:
    """A Keras operation on one tensor."""
    return lambda _node, _name, sources: getattr(require("keras").ops, function)(sources[0], **options)


_ONE = {"axis": -1, "keepdims": True}
_LAYERS: dict[type[Any], Maker] = {
    Absolute: _applied("absolute"),
    Add: _sum,
    ArgMax: _applied("argmax", **_ONE),
    Concatenate: _listed("Concatenate"),
    Dense: _dense,
    Maximum: _applied("max", **_ONE),
    Product: _listed("Multiply"),
    Quantise: _quantise,
    Scale: _scale,
    Square: _applied("square"),
    Steps: _sign,
}
