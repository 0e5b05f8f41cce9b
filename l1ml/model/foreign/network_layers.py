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
from l1ml.model.builder import NetworkBuilder
from l1ml.model.dyadic import dyadic_words
from l1ml.model.extraction import extract_network
from l1ml.model.network import Network, Node
from l1ml.model.operations import (
    Absolute,
    Add,
    Affine,
    ArgMax,
    Concatenate,
    Dense,
    Gather,
    Maximum,
    Operation,
    Product,
    Quantise,
    Scale,
    Square,
    Steps,
)

__all__ = ["keras_model"]

_WIDEST = 24
"""Bits of a weight that float32 holds."""


def keras_model(network: Network) -> Any:
    """The Keras model of QKeras layers that computes `network`, an Affine or a Gather in two steps where Keras needs two.

    Raises
    ------
    ConversionError
        If an operation has no QKeras layer of the same words, by name.
    """
    keras = require("keras")
    wanted = _in_steps(network)
    tensors = [keras.Input((len(network.input_formats),), name="link_words")]
    for node in wanted.nodes:
        name = re.sub(r"\W+", "_", node.name).strip("_")
        tensors.append(_LAYERS[type(node.operation)](node, name, [tensors[index] for index in node.sources]))
    model = keras.Model(tensors[0], tensors[-1])
    if extract_network(model, network.input_formats).digest != wanted.digest:
        msg = "the network has no QKeras model of the same operations in the same order; emulate it as it is"
        raise ConversionError(msg)
    return model


def _in_steps(network: Network) -> Network:
    """`network` with each Affine as a factor and then an offset, each Gather as zeros behind the row and then a choice."""
    builder = NetworkBuilder(network.input_formats)
    stages = [0]
    for node in network.nodes:
        sources = [stages[index] for index in node.sources]
        for step in _steps(node, builder, sources):
            sources = [builder.add(node.name, step, *sources)]
        stages.append(sources[0])
    return builder.build()


def _steps(node: Node, builder: NetworkBuilder, sources: Sequence[int]) -> Sequence[Operation]:
    operation = node.operation
    if isinstance(operation, Affine):
        where = f"operation {node.name!r}"
        ones, zeros = np.ones(len(operation.factor), np.int64), np.zeros(len(operation.factor), np.int64)
        factor = dyadic_words(operation.factor * 2.0**-operation.factor_fractional, where)
        offset = dyadic_words(operation.offset * 2.0**-operation.offset_fractional, where)
        moved = [Affine(ones, 0, *offset)] if offset[0].any() else []
        return [Affine(*factor, zeros, 0), *moved] if (factor[0] != 1).any() or factor[1] or not moved else moved
    if isinstance(operation, Gather) and (operation.index < 0).any():
        n = builder.size(sources[0])
        behind = np.where(operation.index < 0, n, operation.index)
        return [Gather(np.append(np.arange(n), -1)), Gather(behind)]
    return [operation]


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
    n_in, n_out = operation.kernel.shape
    layer = require("qkeras").QDense(n_out, use_bias=len(weights) == 2, name=name, **quantisers)
    output = _reshaped(layer(_reshaped(sources[0], operation.positions, n_in)), 1, operation.positions * n_out)
    layer.set_weights(weights)
    return output


def _reshaped(tensor: Any, rows: int, length: int) -> Any:
    """`tensor` as `rows` of words, as one row for a single one."""
    shape = (rows, length) if rows > 1 else (length,)
    return tensor if tuple(tensor.shape[1:]) == shape else require("keras").layers.Reshape(shape)(tensor)


def _weight_bits(words: NDArray[np.int64], fractional: int, node: Node) -> Any:
    """The narrowest quantized_bits that leaves `words` as they are."""
    width = _check_width(words, node)
    return require("qkeras").quantized_bits(width, width - 1 - fractional, alpha=1)


def _check_width(words: NDArray[np.int64], node: Node) -> int:
    """Bits of `words`, which float32 must hold."""
    # one bit would be the sign function
    width = max(int(max(words.max(), -words.min() - 1)).bit_length() + 1, 2)
    if width > _WIDEST:
        msg = f"operation {node.name!r}: weights of {width} bits are more than the {_WIDEST} of float32"
        raise ConversionError(msg)
    return width


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
    levels = operation.values.tolist()
    if operation.thresholds.tolist() != [0] or levels not in ([-1, 1], [0, 1]):
        msg = f"operation {node.name!r}: of functions with steps, QKeras has the sign and whether a word reaches zero alone here"
        raise ConversionError(msg)
    qkeras = require("qkeras")
    bit = qkeras.quantized_bits(1, 0, alpha=1) if levels[0] else qkeras.binary(use_01=True, alpha=1.0)
    return qkeras.QActivation(bit, name=name)(sources[0])


def _sum(node: Node, name: str, sources: Sequence[Any]) -> Any:
    operation: Any = node.operation
    layers = require("keras").layers
    return (layers.Add if operation.sign > 0 else layers.Subtract)(name=name)(list(sources))


def _affine(node: Node, _name: str, sources: Sequence[Any]) -> Any:
    """A factor or an offset, which Keras holds as float32."""
    operation: Any = node.operation
    ops = require("keras").ops
    words, fractional = operation.offset, operation.offset_fractional
    if not operation.offset.any():
        words, fractional = operation.factor, operation.factor_fractional
    _check_width(words, node)
    values = (words * 2.0**-fractional).astype(np.float32)
    return (ops.add if operation.offset.any() else ops.multiply)(sources[0], values)


def _gather(node: Node, _name: str, sources: Sequence[Any]) -> Any:
    operation: Any = node.operation
    ops = require("keras").ops
    if (operation.index < 0).any():
        return ops.pad(sources[0], [[0, 0], [0, 1]])
    return ops.take(sources[0], operation.index.tolist(), axis=-1)


def _listed(class_name: str) -> Maker:
    """A Keras layer of a list of tensors."""
    return lambda _node, name, sources: getattr(require("keras").layers, class_name)(name=name)(list(sources))


def _applied(function: str) -> Maker:
    """A Keras operation on each word."""
    return lambda _node, _name, sources: getattr(require("keras").ops, function)(sources[0])


def _of_groups(function: str) -> Maker:
    """A Keras operation on each of equal parts of the row."""

    def make(node: Node, _name: str, sources: Sequence[Any]) -> Any:
        operation: Any = node.operation
        rows = _reshaped(sources[0], operation.groups, sources[0].shape[-1] // operation.groups)
        return getattr(require("keras").ops, function)(rows, axis=-1, keepdims=operation.groups == 1)

    return make


_LAYERS: dict[type[Any], Maker] = {
    Absolute: _applied("absolute"),
    Add: _sum,
    Affine: _affine,
    ArgMax: _of_groups("argmax"),
    Concatenate: _listed("Concatenate"),
    Dense: _dense,
    Gather: _gather,
    Maximum: _of_groups("max"),
    Product: _listed("Multiply"),
    Quantise: _quantise,
    Scale: _scale,
    Square: _applied("square"),
    Steps: _sign,
}
