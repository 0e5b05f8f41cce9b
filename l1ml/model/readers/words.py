"""Layers that act on every word by itself: shifts, squares, magnitudes, threshold bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.model.dyadic import dyadic_words, power_of_two_shift, refuse
from l1ml.model.operations import Affine, Operation, Scale, Steps
from l1ml.model.readers.call import Call, Reader

__all__ = ["each", "negated", "read_at_least", "read_negative", "read_rescaling", "read_scaling"]


def each(operation: Operation) -> Reader:
    """Reader of an `operation` of every word by itself."""
    return lambda call: call.add(operation)


def negated(call: Call, source: int) -> int:
    """Append every word of stage `source` with the other sign."""
    n = call.builder.size(source)
    return call.on(Affine(np.full(n, -1, np.int64), 0, np.zeros(n, np.int64), 0), source)


def read_negative(call: Call) -> int:
    """Every word with the other sign."""
    return negated(call, call.sources[0])


def read_rescaling(call: Call) -> int:
    """A Rescaling by powers of two, which may differ from channel to channel."""
    return call.add(Scale(read_scaling(call.layer, call.shapes[0])))


def read_scaling(layer: Any, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Right shift of each word of a tensor of `shape` at a Rescaling `layer`.

    Raises
    ------
    ConversionError
        If the layer adds an offset or a factor is no power of two.
    """
    where = f"layer {layer.name!r}"
    if np.any(np.asarray(layer.offset, dtype=np.float64) != 0):
        raise refuse(where, "Rescaling with an offset", "offset=0 (the next bias takes it)")
    return np.broadcast_to(power_of_two_shift(layer.scale, where), (1, *shape)).flatten()


def read_at_least(call: Call) -> int:
    """One where the word reaches a constant, which Keras holds as a float32."""
    positional, named = call.node.arguments.args, call.node.arguments.kwargs
    threshold = positional[1] if len(positional) > 1 else named.get("x2")
    if not isinstance(threshold, int | float) or isinstance(threshold, bool) or len(call.sources) != 1:
        msg = f"{call.where}: GreaterEqual compares with {threshold!r}; use a plain number on its right-hand side"
        raise ConversionError(msg)
    words, fractional = dyadic_words([np.float32(threshold)], call.where)
    return call.add(Steps(words, fractional, np.array([0, 1], np.int64), 0))
