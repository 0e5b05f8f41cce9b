"""What a classifier gives to the trigger instead of float probabilities: its logits, the place of the largest one, or tables."""

from __future__ import annotations

from typing import Any, Literal

from l1ml._optional import require
from l1ml.errors import ConfigError, ConversionError

__all__ = ["replace_softmax"]

_FORMS = ("logits", "argmax", "table")
_EXPONENT_INTEGER = 3
"""Logits that lie 8 below the largest one, or lower, count as 8 below: a share of 3e-4 of it."""


def replace_softmax(model: Any, by: Literal["logits", "argmax", "table"], bits: int = 8) -> Any:
    """`model` without the float softmax at its end: a new Keras model that shares all layers before it.

    Softmax rises with each logit and keeps their order, so that the place of the largest probability is that of the largest
    logit, and a cut on a difference of logits is one on the ratio of two probabilities. Both cost less than tables.

    Parameters
    ----------
    model : keras.Model
        Ends in a Softmax layer, or in an Activation with ``softmax``.
    by : {"logits", "argmax", "table"}
        All logits; one word, the place of the largest one, the first of several; or probabilities from tables of the
        exponential and of the reciprocal of the sum, which are exact in firmware and coarser than those of the float softmax.
    bits : int
        Fractional bits of the probabilities and of both tables, 2 to 8; only for ``table``.

    Raises
    ------
    ConfigError
        If `by` is none of these, or `bits` out of its range.
    ConversionError
        If the last layer is no softmax over the last axis.
    """
    if by not in _FORMS or not 2 <= bits <= 8:
        msg = f"a softmax is replaced by one of {', '.join(_FORMS)}, tables of 2 to 8 bits; received {by!r} and {bits} bits"
        raise ConfigError(msg)
    keras = require("keras")
    (output,) = model.outputs
    layer = next(item for item in reversed(model.layers) if item.output is output)
    is_activation = type(layer).__name__ == "Activation" and getattr(layer.activation, "__name__", "") == "softmax"
    if not is_activation and not (type(layer).__name__ == "Softmax" and layer.axis == -1):
        kind = f"the last layer {layer.name!r} is a {type(layer).__name__}"
        msg = f"{kind}; only a Softmax over the last axis, in a layer of its own, is replaced"
        raise ConversionError(msg)
    match by:
        case "logits":
            return keras.Model(model.input, layer.input)
        case "argmax":
            return keras.Model(model.input, keras.ops.argmax(layer.input, axis=-1, keepdims=True))
        case "table":
            return keras.Model(model.input, _probabilities(layer.input, bits))


def _probabilities(logits: Any, bits: int) -> Any:
    """``exp(x - max) / sum(exp(x - max))`` in words of `bits` fractional bits; the exponentials lie between 0 and 1."""
    ops, qkeras = require("keras").ops, require("qkeras")

    def unsigned(name: str, x: Any) -> Any:
        quantiser = qkeras.quantized_bits(bits + 1, 1, keep_negative=False, alpha=1)
        return qkeras.QActivation(quantiser, name=f"softmax_{name}")(x)

    # never above zero, which the ranges of the words alone do not say: the table would have twice as many steps
    below = ops.minimum(ops.subtract(logits, ops.max(logits, axis=-1, keepdims=True)), 0.0)
    distance = qkeras.quantized_bits(bits + 1 + _EXPONENT_INTEGER, _EXPONENT_INTEGER, alpha=1)
    exponentials = unsigned("exponential", ops.exp(qkeras.QActivation(distance, name="softmax_distance")(below)))
    # that of the largest logit is 1, so that the sum is never less
    total = ops.maximum(ops.sum(exponentials, axis=-1, keepdims=True), 1.0)
    return unsigned("probability", ops.multiply(exponentials, unsigned("reciprocal", ops.reciprocal(total))))
