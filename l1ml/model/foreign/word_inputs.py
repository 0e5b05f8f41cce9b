"""A network that reads numbers, made to read the words of a link."""

from __future__ import annotations

from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.errors import ConversionError, nearest
from l1ml.hardware import FixedPoint

__all__ = ["on_words"]


def on_words(model: Any, input_format: FixedPoint, *, after: str | None = None) -> Any:
    """A copy of the Keras `model` whose inputs are words of `input_format`, which it scales to the numbers behind them itself.

    Parameters
    ----------
    model : keras.Model
        Of one input, of any shape; the words come in one row.
    input_format : FixedPoint
        Format of the numbers on the link; the scale is a power of two and costs no logic.
    after : str, optional
        Name of a layer whose output the link carries instead of the input: a float normalisation, say, that is done elsewhere.

    Raises
    ------
    ConversionError
        If the model has several inputs, an input of unknown size, or no layer `after`.
    """
    keras = require("keras")
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        msg = f"the model has {len(model.inputs)} inputs and {len(model.outputs)} outputs; one of each can be put on words"
        raise ConversionError(msg)
    start = model.inputs[0] if after is None else _output_of(model, after)
    shape = start.shape[1:]
    if None in shape:
        msg = f"the input {start.name!r} has the shape {tuple(shape)}; every size must be known"
        raise ConversionError(msg)
    words = keras.Input((int(np.prod(shape)),), name="link_words")
    tensor = keras.layers.Rescaling(2.0**-input_format.fractional, name="link_scale")(words) if input_format.fractional else words
    if len(shape) > 1:
        tensor = keras.layers.Reshape(tuple(shape), name="link_rows")(tensor)
    return keras.Model(words, _copied(_part(model, start), tensor))


def _copied(part: Any, tensor: Any) -> Any:
    """What copies of the layers of `part` give for `tensor`; a layer that two models call would count as applied twice."""
    copies: dict[int, Any] = {}

    def copy(operation: Any) -> Any:
        if id(operation) not in copies:
            copies[id(operation)] = type(operation).from_config(operation.get_config())
        return copies[id(operation)]

    output = part._run_through_graph(tensor, operation_fn=copy)
    for operation in (item for item in part.layers if item.weights):
        copies[id(operation)].set_weights(operation.get_weights())
    return output


def _output_of(model: Any, name: str) -> Any:
    names = [layer.name for layer in model.layers]
    if name not in names:
        msg = f"the model has no layer {name!r}; {nearest(name, names)}"
        raise ConversionError(msg)
    return model.get_layer(name).output


def _part(model: Any, start: Any) -> Any:
    """The functional model from the tensor `start` on."""
    keras = require("keras")
    try:
        return keras.Model(start, model.outputs[0])
    except ValueError as error:
        msg = f"the output of the model depends on more than {start.name!r}: {str(error).splitlines()[0]}"
        raise ConversionError(msg) from error
