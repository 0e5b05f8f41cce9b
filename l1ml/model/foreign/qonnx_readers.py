"""What each node of a QONNX graph means in integers; the ones that mean nothing are refused with what to use instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.dyadic import dyadic_words, refuse
from l1ml.model.foreign.qonnx_call import Call, Constant, Line, Tensor, fractions_of, is_plain
from l1ml.model.foreign.qonnx_counts import add_counts, add_signs
from l1ml.model.foreign.qonnx_quantisers import Quantiser
from l1ml.model.foreign.qonnx_shapes import read_flatten, read_pad, read_reshape, read_squeeze, read_transpose, read_unsqueeze
from l1ml.model.foreign.qonnx_windows import (
    read_average_pooling,
    read_convolution,
    read_global_average,
    read_global_maximum,
    read_max_pooling,
    with_kernel,
)
from l1ml.model.operations import Absolute, Add, Affine, ArgMax, Concatenate, Product, Quantise, Scale, Square, Steps

__all__ = ["largest_place", "read_node"]

_INSTEAD = {
    "ConvTranspose": "Conv",
    "Erf": "Relu and Quant",
    "LeakyRelu": "Relu and Quant",
    "MultiThreshold": "the graph as it was before FINN's streamlining",
    "Sigmoid": "no activation at the output: the menu cuts on the logits",
    "Softmax": "output='logits' or 'argmax', which leave it out at the end of the network",
    "Tanh": "Relu and Quant",
    "TopK": "ArgMax",
    "Trunc": "Quant",
}
"""Nodes without an exact form, and what to use instead."""


def read_node(call: Call, quantiser: Quantiser | None = None) -> Tensor:
    """Append what `call` computes; `quantiser` is that of a quantiser's node.

    Raises
    ------
    ConversionError
        If the node has no exact fixed-point form, by name, with what to use instead.
    """
    if quantiser is not None:
        return _quantise(call, quantiser)
    kind = call.node.kind
    if kind not in _READERS:
        instead = _INSTEAD.get(kind, f"one of Quant, BipolarQuant, {', '.join(_READERS)}")
        msg = f"{call.node.where}: {kind} of a QONNX graph is not read; use {instead}"
        raise ConversionError(msg)
    reader, known = _READERS[kind]
    for name, value in call.node.attributes.items():
        if name not in known or (known[name] and value not in known[name]):
            msg = f"{call.node.where}: {kind} with {name}={value!r} is not read"
            raise ConversionError(msg)
    return reader(call)


def _quantise(call: Call, quantiser: Quantiser) -> Tensor:
    source = call.tensor()
    if source.line is None and quantiser.shift is not None:
        return _shifted(call, source, quantiser.format, call.spread(quantiser.shift, source))
    scale = fractions_of(call.spread(quantiser.scale, source))
    if quantiser.format is None:
        stage = add_signs(call, source.known_line, source.stage)
    else:
        counted = source.known_line.then(Fraction(1), Fraction(0))
        stage = add_counts(call, Line(counted.factor / scale, counted.offset / scale), source.stage, quantiser.format)
    return call.on_line(Tensor(stage, source.places), Line(scale, Line.of(len(scale)).offset))


def _shifted(call: Call, source: Tensor, f: FixedPoint | None, shift: NDArray[np.int64]) -> Tensor:
    """Counts of `f`, or the sign without one, times ``2**-shift``."""
    if f is None:
        sign = Steps(np.zeros(1, np.int64), 0, np.array([-1, 1], np.int64), 0)
        return Tensor(_scaled(call, call.add(sign, source.stage), shift), source.places)
    if (shift == shift[0]).all():
        # one scale is only another place of the point
        moved = FixedPoint(f.width, f.width - int(shift[0]), f.signed, f.rounding, f.overflow)
        return Tensor(call.add(Quantise(moved), source.stage), source.places)
    counts = call.add(Quantise(f), _scaled(call, source.stage, -shift))
    return Tensor(_scaled(call, counts, shift), source.places)


def _scaled(call: Call, stage: int, shift: NDArray[np.int64]) -> int:
    return call.add(Scale(shift), stage) if shift.any() else stage


def _dense(call: Call) -> Tensor:
    """MatMul and Gemm: words times a constant matrix, plus a constant row."""
    source, kernel = call.one_scale(call.tensor()), call.weights(1)
    if call.node.attributes.get("transB", 0):
        kernel = Constant(kernel.values.T, kernel.exact, None if kernel.scale is None else kernel.scale.T)
    if kernel.values.ndim != 2 or kernel.values.shape[0] != source.shape[-1]:
        msg = (
            f"{call.node.where}: a matrix of shape {kernel.values.shape} on words of shape {source.shape}; use Flatten before it"
        )
        raise ConversionError(msg)
    if kernel.scale is not None and (kernel.scale != kernel.scale[:1]).any():
        raise refuse(call.node.where, f"{call.node.kind} with one scale for each input", "one scale for each output")
    line = None if source.line is None else Line(source.line.factor[:1], source.line.offset[:1])
    made = with_kernel(call, Tensor(call.row(source), np.arange(source.places.size), line), kernel, 2, source.shape[:-1])
    return made.moved(np.moveaxis(made.places, 0, -1))


def _normalisation(call: Call) -> Tensor:
    """A BatchNormalization at inference: a factor and an offset for each channel, which the next quantiser takes in."""
    source = call.tensor()
    scale, offset, mean, variance = (call.constant(index).numbers for index in range(1, 5))
    epsilon = float(np.float32(call.node.attributes.get("epsilon", 1e-5)))
    if {item.shape for item in (scale, offset, mean, variance)} != {source.shape[:1]} or (variance + epsilon <= 0).any():
        msg = (
            f"{call.node.where}: BatchNormalization of {scale.size} channels, all variances positive, on words of {source.shape}"
        )
        raise ConversionError(msg)
    factor = fractions_of(scale / np.sqrt(variance + epsilon))
    moved = fractions_of(offset) - fractions_of(mean) * factor
    each = (-1, *(1 for _ in source.shape[1:]))
    factors, offsets = (call.spread(item.reshape(each), source) for item in (factor, moved))
    return call.on_line(source, source.known_line.then(factors, offsets))


def _relu(call: Call) -> Tensor:
    """A quantiser on the grid of its words that is wide enough takes nothing but the sign away."""
    source = call.one_scale(call.tensor())
    stage = call.builder.stages[source.stage]
    if int(stage.low.min()) >= 0:
        return source
    width = max(int(stage.high.max()).bit_length(), 1)
    format_ = FixedPoint(width, width - stage.fractional, False, Rounding.RND_CONV, Overflow.SAT)
    return Tensor(call.add(Quantise(format_), source.stage), source.places, source.line)


def _sum(sign: int) -> Callable[[Call], Tensor]:
    """Sum or difference of two tensors, or of one and a constant."""

    def read(call: Call) -> Tensor:
        first, second = call.inputs
        if isinstance(first, Tensor) and isinstance(second, Tensor):
            return _sum_of_two(call, sign)
        if isinstance(first, Tensor):
            return _affine(call, first, 1.0, sign, call.constant(1))
        return _affine(call, call.tensor(1), float(sign), 1, call.constant(0))

    return read


def _sum_of_two(call: Call, sign: int) -> Tensor:
    one, other = call.tensor(0), call.tensor(1)
    lines = [item.line.common if item.line else (Fraction(1), Fraction(0)) for item in (one, other)]
    if lines[0] is None or lines[0] != lines[1] or lines[0][1]:
        one, other = call.settled(one), call.settled(other)
    first, second, places = _alike(call, one, other)
    return Tensor(call.add(Add(sign), first, second), places, one.line)


def _product(call: Call) -> Tensor:
    first, second = call.inputs
    if isinstance(first, Tensor) and isinstance(second, Tensor):
        one = call.settled(first)
        if first is second:
            return Tensor(call.add(Square(), one.stage), one.places)
        *stages, places = _alike(call, one, call.settled(second))
        return Tensor(call.add(Product(), *stages), places)
    place = 0 if isinstance(first, Tensor) else 1
    return _multiplied(call, call.tensor(place), call.constant(1 - place))


def _multiplied(call: Call, source: Tensor, constant: Constant) -> Tensor:
    values = call.spread(constant.numbers, source)
    if source.line is not None or not is_plain(constant):
        return call.on_line(source, source.known_line.then(fractions_of(values), Fraction(0)))
    mantissa, exponent = np.frexp(values)
    if (mantissa == 0.5).all():
        return Tensor(_scaled(call, source.stage, np.asarray(1 - exponent, np.int64)), source.places)
    return Tensor(call.add(Affine(*dyadic_words(values, call.node.where), _nothing(values), 0), source.stage), source.places)


def _nothing(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.zeros(len(values), np.int64)


def _quotient(call: Call) -> Tensor:
    source, divisor = call.tensor(), call.spread(call.constant(1).numbers, call.tensor())
    if not divisor.all():
        raise refuse(call.node.where, "a division by zero", "another divisor")
    return call.on_line(source, source.known_line.then(Fraction(1) / fractions_of(divisor), Fraction(0)))


def _affine(call: Call, source: Tensor, factor: float, sign: int, constant: Constant) -> Tensor:
    """``words * factor + sign * constant``; the factor is 1 or -1."""
    offsets = sign * call.spread(constant.numbers, source)
    if source.line is not None or not is_plain(constant):
        return call.on_line(source, source.known_line.then(Fraction(factor), fractions_of(offsets)))
    words = dyadic_words(np.full(len(offsets), factor), call.node.where), dyadic_words(offsets, call.node.where)
    if not offsets.any() and factor == 1:
        return source
    return Tensor(call.add(Affine(*words[0], *words[1]), source.stage), source.places)


def _alike(call: Call, first: Tensor, second: Tensor) -> tuple[int, int, NDArray[np.int64]]:
    """Stages of two tensors of one shape with their words in one order, and where each element is."""
    if first.shape != second.shape:
        msg = f"{call.node.where}: {call.node.kind} combines words of the shapes {first.shape} and {second.shape}; both need one"
        raise ConversionError(msg)
    if np.array_equal(first.places, second.places):
        return first.stage, second.stage, first.places
    # a common line has the same entry for every word: the order does not matter to it
    return call.row(first), call.row(second), Tensor.rows(0, first.shape).places


def _same(call: Call) -> Tensor:
    return call.tensor()


def _concatenate(call: Call) -> Tensor:
    sources = [call.tensor(index) for index in range(len(call.inputs))]
    axis = _axis(call, int(call.node.attributes["axis"]), len(sources[0].shape) + 1)
    starts = np.cumsum([0, *(item.places.size for item in sources)])
    try:
        places = np.concatenate([item.places + start for item, start in zip(sources, starts, strict=False)], axis=axis - 1)
    except ValueError as error:
        msg = f"{call.node.where}: Concat of words of the shapes {[source.shape for source in sources]} along axis {axis}"
        raise ConversionError(msg) from error
    stage = call.add(Concatenate(), *(item.stage for item in sources))
    if all(item.line is None for item in sources):
        return Tensor(stage, places)
    lines = [item.known_line for item in sources]
    line = Line(*(np.concatenate([getattr(item, side) for item in lines]) for side in ("factor", "offset")))
    return Tensor(stage, places, line)


def _axis(call: Call, axis: int, rank: int) -> int:
    """`axis` from 1 on: the first one counts crossings."""
    found = axis + rank if axis < 0 else axis
    if not 0 < found < rank:
        msg = f"{call.node.where}: {call.node.kind} along axis {axis} of words with {rank - 1} axes behind the crossings"
        raise ConversionError(msg)
    return found


def _argmax(call: Call) -> Tensor:
    source = call.tensor()
    if len(source.shape) != 1 or call.node.attributes.get("axis", 0) not in {1, -1}:
        msg = f"{call.node.where}: ArgMax of words of shape {source.shape}; use one row of words and axis=1"
        raise ConversionError(msg)
    return largest_place(call, source)


def largest_place(call: Call, source: Tensor) -> Tensor:
    """Place of the largest of `source`; one positive scale and one offset for all of them change nothing."""
    bare = source if source.line is None or source.line.common is None else Tensor(source.stage, source.places)
    return Tensor.rows(call.add(ArgMax(), call.row(call.settled(bare))), (1,))


def _absolute(call: Call) -> Tensor:
    source = call.one_scale(call.tensor())
    return Tensor(call.add(Absolute(), source.stage), source.places, source.line)


_Reader = tuple[Callable[[Call], Tensor], Mapping[str, tuple[object, ...]]]
_WINDOW: Mapping[str, tuple[object, ...]] = {
    "auto_pad": ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"),
    "ceil_mode": (0,),
    "dilations": (),
    "kernel_shape": (),
    "pads": (),
    "strides": (),
}
_READERS: dict[str, _Reader] = {
    "Abs": (_absolute, {}),
    "Add": (_sum(1), {}),
    "ArgMax": (_argmax, {"axis": (), "keepdims": (), "select_last_index": (0,)}),
    "AveragePool": (read_average_pooling, {**_WINDOW, "count_include_pad": (0, 1)}),
    "BatchNormalization": (
        _normalisation,
        {"epsilon": (), "momentum": (), "training_mode": (0,), "spatial": (1,), "is_test": (1,)},
    ),
    "Concat": (_concatenate, {"axis": ()}),
    "Conv": (read_convolution, {**_WINDOW, "group": ()}),
    "Div": (_quotient, {}),
    "Dropout": (_same, {"ratio": (), "seed": ()}),
    "Flatten": (read_flatten, {"axis": (1,)}),
    "Gemm": (_dense, {"alpha": (1.0,), "beta": (1.0,), "transA": (0,), "transB": (0, 1)}),
    "GlobalAveragePool": (read_global_average, {}),
    "GlobalMaxPool": (read_global_maximum, {}),
    "Identity": (_same, {}),
    "MatMul": (_dense, {}),
    "MaxPool": (read_max_pooling, {**_WINDOW, "storage_order": (0,)}),
    "Mul": (_product, {}),
    "Pad": (read_pad, {"mode": ("constant",)}),
    "Relu": (_relu, {}),
    "Reshape": (read_reshape, {"allowzero": (0,)}),
    "Squeeze": (read_squeeze, {"axes": ()}),
    "Sub": (_sum(-1), {}),
    "Transpose": (read_transpose, {"perm": ()}),
    "Unsqueeze": (read_unsqueeze, {"axes": ()}),
}
"""Reader of each node, and the attributes that it may have, with their values if only some are read."""
