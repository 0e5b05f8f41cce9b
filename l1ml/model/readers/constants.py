"""Operations of a tensor and a number, or an array of numbers, which Keras holds as float32."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.dyadic import dyadic_words, refuse
from l1ml.model.operations import Affine, Quantise
from l1ml.model.readers.call import Call, Reader

__all__ = ["constant_of", "or_constant", "read_clip", "read_constant"]

Array = NDArray[np.float64]


def or_constant(read: Reader) -> Reader:
    """Reader of an operation of two tensors, or of one tensor and a constant."""
    return lambda call: read_constant(call) if len(call.sources) == 1 else read(call)


def read_constant(call: Call) -> int:
    """Append the operation of a tensor and a constant: a factor, an offset, or a bound.

    Raises
    ------
    ConversionError
        If the constant is no finite number, does not go with the shape of the tensor, or is divided by and no power of two.
    """
    value, is_second = constant_of(call.node)
    kind, source = type(call.layer).__name__, call.sources[0]
    match kind:
        case "Add":
            return _affine(call, source, 1.0, value)
        case "Subtract":
            return _affine(call, source, 1.0, -value) if is_second else _affine(call, source, -1.0, value)
        case "Multiply":
            return _affine(call, source, value, 0.0)
        case "Divide" | "TrueDivide":
            return _quotient(call, source, value)
        case "Maximum":
            return _at_least(call, source, value)
        case "Minimum":
            return _at_most(call, source, value)
    msg = f"{call.where}: {kind} of a tensor and a constant has no exact form here"
    raise ConversionError(msg)


def read_clip(call: Call) -> int:
    """Words between two numbers, which Keras holds as float32."""
    bounds = call.layer.x_min, call.layer.x_max
    if not all(isinstance(item, int | float) and np.isfinite(item) for item in bounds) or bounds[0] > bounds[1]:
        msg = f"{call.where}: Clip between {bounds[0]!r} and {bounds[1]!r}; use two finite numbers, the smaller one first"
        raise ConversionError(msg)
    low, high = (np.asarray(item, np.float32).astype(np.float64) for item in bounds)
    return _at_most(call, _at_least(call, call.sources[0], low), high)


def _at_least(call: Call, source: int, value: Array) -> int:
    return _affine(call, _positive(call, _affine(call, source, 1.0, -value)), 1.0, value)


def _at_most(call: Call, source: int, value: Array) -> int:
    return _affine(call, _positive(call, _affine(call, source, -1.0, value)), -1.0, value)


def _quotient(call: Call, source: int, divisor: Array) -> int:
    """Append words by `divisor`, which must be powers of two: the quotient by any other number has no end of bits."""
    wrong = divisor[np.abs(np.frexp(divisor)[0]) != 0.5]
    if wrong.size:
        raise refuse(call.where, f"a division by {wrong.flat[0]:.9g}", "powers of two, or Multiply by a number of few bits")
    return _affine(call, source, 1 / divisor, 0.0)


def constant_of(node: Any) -> tuple[Array, bool]:
    """The constant of a Keras `node` of one tensor, and whether it is the second argument.

    Raises
    ------
    ConversionError
        If there is none, or it is not finite.
    """
    import keras

    positional, named = list(node.arguments.args), node.arguments.kwargs
    both = positional + [named[key] for key in ("x1", "x2") if key in named]
    where = f"layer {node.operation.name!r}"
    if len(both) != 2 or sum(isinstance(item, keras.KerasTensor) for item in both) != 1:
        instead = "one tensor and a number; of two tensors, Add, Subtract, Multiply, Maximum and Minimum"
        msg = f"{where}: {type(node.operation).__name__} of {len(node.input_tensors)} tensors; use {instead}"
        raise ConversionError(msg)
    is_second = isinstance(both[0], keras.KerasTensor)
    value = np.asarray(keras.ops.convert_to_numpy(both[is_second]), np.float32).astype(np.float64)
    if not np.isfinite(value).all():
        msg = f"{where}: {type(node.operation).__name__} with a constant that is NaN or infinite"
        raise ConversionError(msg)
    return value, is_second


def _affine(call: Call, source: int, factor: Array | float, offset: Array | float) -> int:
    """Append ``word * factor + offset``, each broadcast over the tensor."""
    parts: list[Any] = []
    for values in (factor, offset):
        try:
            row = np.broadcast_to(values, (1, *call.shape)).ravel()
        except ValueError as error:
            msg = f"{call.where}: a constant of shape {np.shape(values)} does not go with the shape {call.shape}"
            raise ConversionError(msg) from error
        parts.extend(dyadic_words(row, call.where))
    return call.on(Affine(*parts), source)


def _positive(call: Call, source: int) -> int:
    """Append zero for what is negative; all other words stay as they are."""
    stage = call.builder.stages[source]
    integer = max(int(stage.high.max()).bit_length(), 1) - stage.fractional
    return call.on(Quantise(FixedPoint.from_kif(0, integer, stage.fractional, Rounding.RND_CONV, Overflow.SAT)), source)
