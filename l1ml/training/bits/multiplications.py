"""The multiplications of a Keras model: which kernel meets the activations of which quantiser, and how often in a crossing."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from l1ml.errors import ConversionError

__all__ = ["KERNELS", "Multiplications", "multiplications", "quantiser_of"]

KERNELS = {
    "QDense": "kernel",
    "QConv1D": "kernel",
    "QConv2D": "kernel",
    "QDepthwiseConv2D": "depthwise_kernel",
}
"""Layers that multiply by weights, with the name of those; their last axis but one counts the channels they read."""

_PASSED = frozenset({"Flatten", "Reshape", "MaxPooling1D", "MaxPooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D"})
"""Layers that give words on as they are."""


@dataclass(frozen=True, slots=True)
class Multiplications:
    """Those of a `layer`: its weights called `kernel` with what the quantiser `activation` gives, at `positions` a crossing."""

    layer: Any
    kernel: str
    activation: Any
    positions: int

    @property
    def weights(self) -> Any:
        """The variable."""
        return getattr(self.layer, self.kernel)

    @property
    def quantiser(self) -> Any:
        """Quantiser of the weights."""
        return getattr(self.layer, f"{self.kernel.removesuffix('_kernel')}_quantizer_internal")


def multiplications(model: Any) -> tuple[Multiplications, ...]:
    """Of every layer of the functional `model` that has weights.

    Raises
    ------
    ConversionError
        If a layer with weights is of no known kind, or reads what no quantiser gave: its multiplications have no known width.
    """
    found = []
    for layer in model.layers:
        kind = type(layer).__name__
        if kind in KERNELS:
            found.append(_of(layer, KERNELS[kind]))
        elif kind != "QActivation" and layer.weights:
            msg = f"layer {layer.name!r}: bits of a {kind} cannot be learned; use one of {', '.join(KERNELS)}"
            raise ConversionError(msg)
    return tuple(found)


def _of(layer: Any, kernel: str) -> Multiplications:
    positions = prod(int(length) for length in tuple(layer.output.shape)[1:-1])
    return Multiplications(layer, kernel, quantiser_of(_read(layer), f"layer {layer.name!r}"), positions)


def _read(operation: Any) -> Any:
    """The tensor that `operation` reads first."""
    return operation._inbound_nodes[0].input_tensors[0]


def quantiser_of(tensor: Any, reader: str) -> Any:
    """The quantiser that gave the values of `tensor`; `reader` names in messages who reads them.

    Raises
    ------
    ConversionError
        If there is none.
    """
    while True:
        operation = tensor._keras_history.operation
        activation = getattr(operation, "activation", None)
        if activation is not None and getattr(activation, "__name__", "") != "linear":
            return activation
        if type(operation).__name__ not in _PASSED:
            what = f"reads {operation.name!r}, a {type(operation).__name__}"
            msg = f"{reader} {what}, whose values no quantiser gave; put a QActivation between them"
            raise ConversionError(msg)
        tensor = _read(operation)
