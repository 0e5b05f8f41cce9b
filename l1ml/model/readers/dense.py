"""Dense layers and quantised activations, at one position or at many."""

from __future__ import annotations

from typing import Any

from l1ml.errors import ConversionError
from l1ml.model.activations import add_activation
from l1ml.model.operations import Dense
from l1ml.model.readers.call import Call
from l1ml.model.readers.functions import is_tabulated
from l1ml.model.readers.wires import WIRES, read_wires
from l1ml.model.weights import WeightWords, read_bias, read_weight

__all__ = ["add_dense", "add_layer_activation", "read_activation", "read_dense", "read_time_distributed"]


def read_dense(call: Call) -> int:
    """The kernel of a QDense on the last axis, the same at every position."""
    return _dense(call, call.layer)


def _dense(call: Call, layer: Any) -> int:
    kernel, bias = read_weight(layer, "kernel"), read_bias(layer, int(layer.units))
    return add_layer_activation(call, layer, add_dense(call, kernel, bias, call.sources[0]))


def add_dense(call: Call, kernel: WeightWords, bias: WeightWords, source: int) -> int:
    """Append `kernel`, words (n_in, n_out), and `bias`, (n_out,), on every n_in words of stage `source`."""
    positions = call.builder.size(source) // len(kernel.words)
    return call.on(Dense(kernel.words, kernel.fractional, bias.words, bias.fractional, positions), source)


def read_activation(call: Call) -> int:
    """A QActivation, whose alpha may differ from channel to channel; behind a function it is part of the table."""
    return call.sources[0] if is_tabulated(call) else _activation(call, call.layer)


def _activation(call: Call, layer: Any) -> int:
    return add_activation(call.builder, call.layer.name, layer.activation, call.sources[0], call.channels)


def add_layer_activation(call: Call, layer: Any, stage: int) -> int:
    """Append the activation that `layer` applies to its own output, if it has one."""
    activation = layer.activation
    if activation is None or getattr(activation, "__name__", "") == "linear":
        return stage
    name = call.layer.name
    try:
        return add_activation(call.builder, f"{name}_activation", activation, stage, call.shape[-1])
    except ConversionError as error:
        msg = str(error).replace(f"layer '{name}_activation'", call.where)
        raise ConversionError(msg) from error


def read_time_distributed(call: Call) -> int:
    """The layer inside, where it does to each position what it would do to all of them at once.

    Raises
    ------
    ConversionError
        If it is another layer.
    """
    inside = call.layer.layer
    match type(inside).__name__:
        case "QDense":
            return _dense(call, inside)
        case "QActivation":
            return _activation(call, inside)
        case kind if kind in WIRES:
            return read_wires(call)
        case kind:
            msg = f"{call.where}: TimeDistributed of {kind}; use QDense or QActivation inside it, or {kind} without it"
            raise ConversionError(msg)
