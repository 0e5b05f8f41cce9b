"""What each node of a QONNX graph means in integers; the ones that mean nothing are refused with what to use instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.builder import NetworkBuilder
from l1ml.model.dyadic import dyadic_words, odd_parts, refuse
from l1ml.model.foreign.qonnx_file import Node
from l1ml.model.foreign.qonnx_quantisers import Quantiser
from l1ml.model.operations import (
    Absolute,
    Add,
    Affine,
    ArgMax,
    Concatenate,
    Dense,
    Operation,
    Product,
    Quantise,
    Scale,
    Square,
    Steps,
)

__all__ = ["Call", "Tensor", "read_node"]

_FREE_BITS = 16
"""Bits that a constant may have that no quantiser has made: a float32 of a training has 24."""

_INSTEAD = {
    "BatchNormalization": "fold it into the MatMul before it and quantise the result",
    "Conv": "dense layers: convolutions are not read from QONNX",
    "Erf": "Relu and Quant",
    "LeakyRelu": "Relu and Quant",
    "MultiThreshold": "the graph as it was before FINN's streamlining",
    "Shape": "qonnx-cleanup, which makes it a constant",
    "Sigmoid": "no activation at the output: the menu cuts on the logits",
    "Softmax": "output='logits' or 'argmax', which leave it out at the end of the network",
    "Tanh": "Relu and Quant",
    "TopK": "ArgMax",
    "Trunc": "Quant",
}
"""Nodes without an exact form, and what to use instead."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Words of a stage, in rows of `shape`."""

    stage: int
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """Values that do not depend on the input; `exact` if a quantiser made them."""

    values: NDArray[np.float64]
    exact: bool


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A node where it is applied: what it reads, and the network so far."""

    builder: NetworkBuilder
    node: Node
    inputs: Sequence[Tensor | Constant | None]

    def add(self, operation: Operation, *sources: Tensor) -> int:
        """Append `operation` under the name of the node."""
        return self.builder.add(self.node.label, operation, *(source.stage for source in sources))

    def tensor(self, index: int = 0) -> Tensor:
        """Input `index`, which must be computed."""
        found = self.inputs[index] if index < len(self.inputs) else None
        if not isinstance(found, Tensor):
            msg = f"{self.node.where}: input {index} of {self.node.kind} is a constant; expected what the network computes"
            raise ConversionError(msg)
        return found

    def constant(self, index: int) -> NDArray[np.float64]:
        """Input `index`, which must be a constant with a fixed-point meaning."""
        found = self.inputs[index] if index < len(self.inputs) else None
        if not isinstance(found, Constant):
            msg = f"{self.node.where}: input {index} of {self.node.kind} must be a constant"
            raise ConversionError(msg)
        wrong = int((~np.isfinite(found.values)).sum())
        if wrong:
            msg = f"{self.node.where}: {wrong} of {found.values.size} numbers of input {index} are NaN or infinite"
            raise ConversionError(msg)
        if not found.exact and np.any(odd_parts(found.values) >= 2.0**_FREE_BITS):
            raise refuse(self.node.where, f"{self.node.kind} with float constants", f"a Quant node on input {index}")
        return found.values


def read_node(call: Call, quantiser: Quantiser | None) -> Tensor:
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
    shift = _broadcast(quantiser.shift, source, call).astype(np.int64)
    if quantiser.format is None:
        sign = Steps(np.zeros(1, np.int64), 0, np.array([-1, 1], np.int64), 0)
        return Tensor(_scaled(call, call.add(sign, source), shift), source.shape)
    f = quantiser.format
    if (shift == shift[0]).all():
        # one scale is only another place of the point
        moved = FixedPoint(f.width, f.width - int(shift[0]), f.signed, f.rounding, f.overflow)
        return Tensor(call.add(Quantise(moved), source), source.shape)
    counts = call.builder.add(call.node.label, Quantise(f), _scaled(call, source.stage, -shift))
    return Tensor(_scaled(call, counts, shift), source.shape)


def _scaled(call: Call, stage: int, shift: NDArray[np.int64]) -> int:
    return call.builder.add(call.node.label, Scale(shift), stage) if shift.any() else stage


def _broadcast(values: NDArray[np.number], tensor: Tensor, call: Call) -> NDArray[np.number]:
    """One of `values` for each word of `tensor`."""
    try:
        return np.broadcast_to(values, (1, *tensor.shape)).ravel()
    except ValueError as error:
        msg = f"{call.node.where}: constants of shape {values.shape} do not fit to words of shape {tensor.shape}"
        raise ConversionError(msg) from error


def _dense(call: Call) -> Tensor:
    """MatMul and Gemm: words times a constant matrix, plus a constant row."""
    source, kernel = call.tensor(), call.constant(1)
    kernel = kernel.T if call.node.attributes.get("transB", 0) else kernel
    if len(source.shape) != 1 or kernel.ndim != 2 or kernel.shape[0] != source.shape[0]:
        msg = f"{call.node.where}: a matrix of shape {kernel.shape} on words of shape {source.shape}; use Flatten before it"
        raise ConversionError(msg)
    n_out = kernel.shape[1]
    bias = call.constant(2) if len(call.inputs) > 2 and call.inputs[2] is not None else np.zeros(n_out)
    words = dyadic_words(kernel, call.node.where)
    offsets = dyadic_words(_broadcast(bias, Tensor(0, (n_out,)), call), call.node.where)
    return Tensor(call.add(Dense(*words, *offsets), source), (n_out,))


def _relu(call: Call) -> Tensor:
    """A quantiser on the grid of its words that is wide enough takes nothing but the sign away."""
    source = call.tensor()
    stage = call.builder.stages[source.stage]
    if int(stage.low.min()) >= 0:
        return source
    width = max(int(stage.high.max()).bit_length(), 1)
    format_ = FixedPoint(width, width - stage.fractional, False, Rounding.RND_CONV, Overflow.SAT)
    return Tensor(call.add(Quantise(format_), source), source.shape)


def _sum(sign: int) -> Callable[[Call], Tensor]:
    """Sum or difference of two tensors, or of one and a constant."""

    def read(call: Call) -> Tensor:
        first, second = call.inputs
        if isinstance(first, Tensor) and isinstance(second, Tensor):
            return Tensor(call.add(Add(sign), *_alike(call)), first.shape)
        if isinstance(first, Tensor):
            return _affine(call, first, np.ones(1), sign * call.constant(1))
        return _affine(call, call.tensor(1), np.full(1, float(sign)), call.constant(0))

    return read


def _product(call: Call) -> Tensor:
    first, second = call.inputs
    if isinstance(first, Tensor) and isinstance(second, Tensor):
        if first.stage == second.stage:
            return Tensor(call.add(Square(), first), first.shape)
        return Tensor(call.add(Product(), *_alike(call)), first.shape)
    place = 0 if isinstance(first, Tensor) else 1
    return _affine(call, call.tensor(place), call.constant(1 - place), np.zeros(1))


def _quotient(call: Call) -> Tensor:
    divisor = call.constant(1)
    if np.any(np.frexp(divisor)[0] != 0.5):
        raise refuse(call.node.where, "a division by other numbers than powers of two", "Mul")
    return _affine(call, call.tensor(), 1 / divisor, np.zeros(1))


def _affine(call: Call, source: Tensor, factor: NDArray[np.float64], offset: NDArray[np.float64]) -> Tensor:
    """``words * factor + offset``; without an offset, powers of two are wires."""
    factors, offsets = (_broadcast(item, source, call).astype(np.float64) for item in (factor, offset))
    mantissa, exponent = np.frexp(factors)
    if not offsets.any() and (mantissa == 0.5).all():
        return Tensor(_scaled(call, source.stage, np.asarray(1 - exponent, np.int64)), source.shape)
    words = (*dyadic_words(factors, call.node.where), *dyadic_words(offsets, call.node.where))
    return Tensor(call.add(Affine(*words), source), source.shape)


def _alike(call: Call) -> tuple[Tensor, Tensor]:
    first, second = call.tensor(0), call.tensor(1)
    if first.shape != second.shape:
        msg = f"{call.node.where}: {call.node.kind} combines words of the shapes {first.shape} and {second.shape}; both need one"
        raise ConversionError(msg)
    return first, second


def _same(call: Call) -> Tensor:
    return call.tensor()


def _flatten(call: Call) -> Tensor:
    source = call.tensor()
    return Tensor(source.stage, (int(np.prod(source.shape)),))


def _reshape(call: Call) -> Tensor:
    source = call.tensor()
    wanted = [int(size) for size in call.constant(1).ravel()]
    try:
        shape = np.empty((1, *source.shape), np.int8).reshape([*(size or 1 for size in wanted[:1]), *wanted[1:]]).shape
    except (ValueError, TypeError) as error:
        msg = f"{call.node.where}: Reshape of words of shape {source.shape} to {wanted}"
        raise ConversionError(msg) from error
    if shape[:1] != (1,) or len(shape) < 2 or 0 in wanted[1:]:
        msg = f"{call.node.where}: Reshape to {wanted} does not leave the first dimension, which counts crossings, as it is"
        raise ConversionError(msg)
    return Tensor(source.stage, tuple(shape[1:]))


def _concatenate(call: Call) -> Tensor:
    sources = [call.tensor(index) for index in range(len(call.inputs))]
    if any(len(source.shape) != 1 for source in sources):
        msg = f"{call.node.where}: Concat of words of the shapes {[source.shape for source in sources]}; use Flatten before it"
        raise ConversionError(msg)
    return Tensor(call.add(Concatenate(), *sources), (sum(source.shape[0] for source in sources),))


def _argmax(call: Call) -> Tensor:
    source = call.tensor()
    if len(source.shape) != 1 or call.node.attributes.get("axis", 0) not in {1, -1}:
        msg = f"{call.node.where}: ArgMax of words of shape {source.shape}; use one row of words and axis=1"
        raise ConversionError(msg)
    return Tensor(call.add(ArgMax(), source), (1,))


def _absolute(call: Call) -> Tensor:
    return Tensor(call.add(Absolute(), call.tensor()), call.tensor().shape)


_ONE_ROW = {"axis": (1, -1)}
_Reader = tuple[Callable[[Call], Tensor], Mapping[str, tuple[object, ...]]]
_READERS: dict[str, _Reader] = {
    "Abs": (_absolute, {}),
    "Add": (_sum(1), {}),
    "ArgMax": (_argmax, {"axis": (), "keepdims": (), "select_last_index": (0,)}),
    "Concat": (_concatenate, _ONE_ROW),
    "Div": (_quotient, {}),
    "Dropout": (_same, {"ratio": (), "seed": ()}),
    "Flatten": (_flatten, {"axis": (1,)}),
    "Gemm": (_dense, {"alpha": (1.0,), "beta": (1.0,), "transA": (0,), "transB": (0, 1)}),
    "Identity": (_same, {}),
    "MatMul": (_dense, {}),
    "Mul": (_product, {}),
    "Relu": (_relu, {}),
    "Reshape": (_reshape, {"allowzero": (0,)}),
    "Sub": (_sum(-1), {}),
}
"""Reader of each node, and the attributes that it may have, with their values if only some are read."""
