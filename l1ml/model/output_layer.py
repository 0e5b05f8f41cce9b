"""What a classifier gives to the trigger instead of probabilities: its logits, or the place of the largest one."""

from __future__ import annotations

from typing import Any, Literal

from l1ml._optional import require
from l1ml.errors import ConfigError, ConversionError

__all__ = ["replace_softmax"]


def replace_softmax(model: Any, by: Literal["logits", "argmax"]) -> Any:
    """`model` without the softmax at its end: a new Keras model that shares all layers before it.

    Softmax rises with each logit and keeps their order, so that the place of the largest probability is that of the largest
    logit, and a cut on a difference of logits is one on the ratio of two probabilities.

    Parameters
    ----------
    model : keras.Model
        Ends in a Softmax layer, or in an Activation with ``softmax``.
    by : {"logits", "argmax"}
        All logits, or one word: the place of the largest one, the first of several.

    Raises
    ------
    ConfigError
        If `by` is neither.
    ConversionError
        If the last layer is no softmax over the last axis.
    """
    if by not in {"logits", "argmax"}:
        msg = f"a softmax is replaced by 'logits' or 'argmax', received {by!r}"
        raise ConfigError(msg)
    keras = require("keras")
    (output,) = model.outputs
    layer = next(item for item in reversed(model.layers) if item.output is output)
    is_activation = type(layer).__name__ == "Activation" and getattr(layer.activation, "__name__", "") == "softmax"
    if not is_activation and not (type(layer).__name__ == "Softmax" and layer.axis == -1):
        kind = f"the last layer {layer.name!r} is a {type(layer).__name__}"
        msg = f"{kind}; only a Softmax over the last axis, in a layer of its own, is replaced"
        raise ConversionError(msg)
    logits = layer.input
    return keras.Model(model.inputs, logits if by == "logits" else keras.ops.argmax(logits, axis=-1, keepdims=True))
