"""From a QKeras model to the integer network that the firmware computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.network import Dense, Network, Operation, Quantise, Scale, Square
from l1ml.model.quantisers import read_dense, read_quantiser, read_scaling

__all__ = ["REPLACEMENTS", "extract_network", "freeze"]

REPLACEMENTS = {
    "Activation": "QActivation with quantized_bits or quantized_relu",
    "BatchNormalization": "a QDense that has absorbed it",
    "Dense": "QDense with quantized_bits(bits, integer, alpha=1)",
    "Dropout": "no layer: drop it after training",
    "Normalization": "Rescaling by powers of two",
    "ReLU": "QActivation with quantized_relu(bits, integer)",
    "Softmax": "the logits: the menu cuts on them, and softmax keeps their order",
}
"""Layers without an exact fixed-point meaning, and what to use instead."""


def extract_network(model: Any, input_formats: Sequence[FixedPoint]) -> Network:
    """Integer network of the Keras `model`, whose inputs are words of `input_formats`.

    Raises
    ------
    ConversionError
        On a layer, quantiser or topology without an exact fixed-point meaning, by name, with what to use instead.
    """
    operations: list[Operation] = []
    tensor: Any = None
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "InputLayer":
            tensor = layer.output
            continue
        _check_chain(layer, tensor)
        operations.extend(_operations_of(layer, kind, len(input_formats)))
        tensor = layer.output
    return Network(tuple(input_formats), tuple(operations))


def _check_chain(layer: Any, tensor: Any) -> None:
    """Refuse a layer that reads anything but the output of the one before it."""
    inputs = layer.input if isinstance(layer.input, list) else [layer.input]
    if any(item is not tensor for item in inputs):
        msg = f"layer {layer.name!r} does not read the layer before it; only chains (and a tensor times itself) are converted"
        raise ConversionError(msg)


def _operations_of(layer: Any, kind: str, n_features: int) -> list[Operation]:
    """Integer operations of one layer."""
    where = f"layer {layer.name!r}"
    match kind:
        case "Rescaling":
            return [Scale(read_scaling(layer, n_features))]
        case "QActivation":
            return [Quantise(read_quantiser(layer.activation, where))]
        case "Multiply":
            return [Square()]
        case "QDense":
            words = read_dense(layer)
            dense = Dense(words.kernel, words.kernel_format.fractional, words.bias, words.bias_format.fractional)
            activation = getattr(layer.activation, "__name__", None)
            if layer.activation is None or activation == "linear":
                return [dense]
            return [dense, Quantise(read_quantiser(layer.activation, where))]
        case _:
            instead = REPLACEMENTS.get(kind, "QDense, QActivation, Rescaling by powers of two, Multiply of a tensor with itself")
            msg = f"{where}: {kind} has no exact fixed-point form; use {instead}"
            raise ConversionError(msg)


def freeze(model: Any) -> None:
    """Replace every weight of `model` by its quantised value, in place.

    QKeras quantises in the forward pass as ``x + (q(x) - x)``, which float32 does not always close; on a weight that already
    lies on the grid it does, so that Keras computes with exactly the numbers of the firmware.
    """
    for layer in model.layers:
        if type(layer).__name__ != "QDense":
            continue
        for which, quantiser in (("kernel", layer.kernel_quantizer_internal), ("bias", layer.bias_quantizer_internal)):
            if quantiser is None or (which == "bias" and not layer.use_bias):
                continue
            weight = getattr(layer, which)
            format_ = read_quantiser(quantiser, f"{which} of layer {layer.name!r}")
            weight.assign(format_.quantize(np.asarray(weight, dtype=np.float64)).astype(np.float32))
