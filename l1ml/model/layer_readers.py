"""What each Keras layer and operation means in integers; the ones that mean nothing are refused with what to use instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.model.activations import add_activation
from l1ml.model.builder import NetworkBuilder
from l1ml.model.dyadic import dyadic_words, power_of_two_shift, refuse
from l1ml.model.operations import (
    Absolute,
    Add,
    ArgMax,
    Concatenate,
    Dense,
    Maximum,
    Operation,
    Product,
    Scale,
    Square,
    Steps,
)
from l1ml.model.weights import read_dense

__all__ = ["REPLACEMENTS", "Call", "read_layer", "read_scaling"]

_FOLDED = "a QDense that has absorbed it (l1ml.model.folding.fold_normalisation)"

REPLACEMENTS = {
    "Activation": "QActivation with quantized_bits or quantized_relu",
    "BatchNormalization": _FOLDED,
    "Dense": "QDense with quantized_bits(bits, integer, alpha=1)",
    "Dropout": "no layer: drop it after training",
    "Exp": "no exponential: of a KL divergence, the sum of squared means is the part that integers have",
    "LeakyReLU": "QActivation with quantized_relu(bits, integer, negative_slope=a power of two)",
    "Log": "no logarithm: cut on its argument instead",
    "Normalization": "Rescaling by powers of two",
    "QBatchNormalization": _FOLDED,
    "ReLU": "QActivation with quantized_relu(bits, integer)",
    "Softmax": "the logits: the menu cuts on them, and softmax keeps their order (l1ml.model.output_layer.replace_softmax)",
}
"""Layers without an exact fixed-point meaning, and what to use instead."""


@dataclass(frozen=True, slots=True)
class Call:
    """A Keras layer or operation where it is applied: to stages `sources` of a network, with Keras' `arguments`."""

    builder: NetworkBuilder
    layer: Any
    arguments: Any
    sources: Sequence[int]

    def add(self, operation: Operation) -> int:
        """Append `operation` on all sources, under the name of the layer."""
        return self.builder.add(self.layer.name, operation, *self.sources)

    @property
    def n_words(self) -> int:
        """Words of the first source."""
        return self.builder.size(self.sources[0])

    @property
    def where(self) -> str:
        """The layer, for messages."""
        return f"layer {self.layer.name!r}"


Reader = Callable[[Call], int]


def read_layer(call: Call) -> int:
    """Append what `call` computes; the number of the stage after it.

    Raises
    ------
    ConversionError
        If it has no exact fixed-point form, by name, with what to use instead.
    """
    kind = type(call.layer).__name__
    if kind not in _READERS:
        instead = REPLACEMENTS.get(kind, f"one of {', '.join(_READERS)}")
        msg = f"{call.where}: {kind} has no exact fixed-point form; use {instead}"
        raise ConversionError(msg)
    return _READERS[kind](call)


def _activation(call: Call) -> int:
    return add_activation(call.builder, call.layer.name, call.layer.activation, call.sources[0])


def _dense(call: Call) -> int:
    layer = call.layer
    words = read_dense(layer)
    stage = call.add(Dense(words.kernel, words.kernel_fractional, words.bias, words.bias_fractional))
    if layer.activation is None or getattr(layer.activation, "__name__", "") == "linear":
        return stage
    try:
        return add_activation(call.builder, f"{layer.name}_activation", layer.activation, stage)
    except ConversionError as error:
        msg = str(error).replace(f"layer '{layer.name}_activation'", call.where)
        raise ConversionError(msg) from error


def _rescaling(call: Call) -> int:
    return call.add(Scale(read_scaling(call.layer, call.n_words)))


def read_scaling(layer: Any, n_features: int) -> NDArray[np.int64]:
    """Right shift of each of `n_features` inputs of a Rescaling `layer`.

    Raises
    ------
    ConversionError
        If the layer adds an offset or a factor is no power of two.
    """
    where = f"layer {layer.name!r}"
    if np.any(np.asarray(layer.offset, dtype=np.float64) != 0):
        raise refuse(where, "Rescaling with an offset", "offset=0 (the next bias takes it)")
    return np.broadcast_to(power_of_two_shift(layer.scale, where), (n_features,)).copy()


def _pair(operation: Operation) -> Reader:
    """An operation of exactly two tensors of one shape."""

    def read(call: Call) -> int:
        if len(call.sources) != 2:
            name = type(call.layer).__name__
            msg = f"{call.where} combines {len(call.sources)} tensors; use one {name} per pair of tensors"
            raise ConversionError(msg)
        first, second = (call.builder.size(source) for source in call.sources)
        if first != second:
            msg = f"{call.where} combines {first} words with {second}; both tensors need one shape"
            raise ConversionError(msg)
        if isinstance(operation, Product) and call.sources[0] == call.sources[1]:
            return call.builder.add(call.layer.name, Square(), call.sources[0])
        return call.add(operation)

    return read


def _concatenate(call: Call) -> int:
    return call.add(Concatenate())


def _each(operation: Operation) -> Reader:
    """An operation of every word by itself."""
    return lambda call: call.add(operation)


def _over_all(operation: Callable[[int], Operation]) -> Reader:
    """An operation of all words of a crossing that gives one."""

    def read(call: Call) -> int:
        layer = call.layer
        axis = tuple(layer.axis) if isinstance(layer.axis, Sequence) else layer.axis
        if axis not in {1, -1, (1,), (-1,)} or not layer.keepdims:
            given = f"{type(layer).__name__} with axis={layer.axis}, keepdims={layer.keepdims}"
            msg = f"{call.where}: {given}; use axis=-1, keepdims=True"
            raise ConversionError(msg)
        return call.add(operation(call.n_words))

    return read


def _total(n: int) -> Dense:
    """Sum of `n` words."""
    return Dense(np.ones((n, 1), np.int64), 0, np.zeros(1, np.int64), 0)


def _mean(call: Call) -> int:
    """Sum of the words over their number, which must be a power of two."""
    n = call.n_words
    if n & (n - 1):
        raise refuse(call.where, f"the mean of {n} words", f"keras.ops.sum: a threshold on it is {n} times the one on the mean")
    total = _over_all(_total)(call)
    return call.builder.add(call.layer.name, Scale(np.array([n.bit_length() - 1])), total)


def _at_least(call: Call) -> int:
    """One where the word reaches a constant, which Keras holds as a float32."""
    positional, named = call.arguments.args, call.arguments.kwargs
    threshold = positional[1] if len(positional) > 1 else named.get("x2")
    if not isinstance(threshold, int | float) or isinstance(threshold, bool) or len(call.sources) != 1:
        msg = f"{call.where}: GreaterEqual compares with {threshold!r}; use a plain number on its right-hand side"
        raise ConversionError(msg)
    words, fractional = dyadic_words([np.float32(threshold)], call.where)
    return call.add(Steps(words, fractional, np.array([0, 1], np.int64), 0))


def _same(call: Call) -> int:
    """A layer that leaves one row of words as it is."""
    shape = tuple(call.layer.output.shape)[1:]
    if shape != (call.n_words,):
        msg = f"{call.where} makes the shape {shape}; words of a crossing are one row here"
        raise ConversionError(msg)
    return call.sources[0]


_READERS: dict[str, Reader] = {
    "QDense": _dense,
    "QActivation": _activation,
    "Rescaling": _rescaling,
    "Multiply": _pair(Product()),
    "Add": _pair(Add(1)),
    "Subtract": _pair(Add(-1)),
    "Concatenate": _concatenate,
    "Flatten": _same,
    "Reshape": _same,
    "Square": _each(Square()),
    "Abs": _each(Absolute()),
    "Absolute": _each(Absolute()),
    "Max": _over_all(lambda _: Maximum()),
    "Argmax": _over_all(lambda _: ArgMax()),
    "Sum": _over_all(_total),
    "Mean": _mean,
    "GreaterEqual": _at_least,
}
