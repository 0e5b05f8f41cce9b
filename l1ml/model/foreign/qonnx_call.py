"""A node of a QONNX graph where it is applied: what it reads, in words and in exact numbers behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.model.builder import NetworkBuilder
from l1ml.model.dyadic import dyadic_words, odd_parts, refuse
from l1ml.model.foreign.qonnx_file import Node
from l1ml.model.operations import Affine, Gather, Operation, Scale

__all__ = ["Call", "Constant", "Fractions", "Line", "Tensor", "fractions_of", "is_plain"]

Fractions = NDArray[Any]
"""Exact numbers: an array of `fractions.Fraction`."""

_FREE_BITS = 16
"""Bits that a weight may have that no quantiser has made: a float32 of a training has 24."""


def fractions_of(values: NDArray[np.number]) -> Fractions:
    """Each of finite `values`, exactly."""
    unique, places = np.unique(np.asarray(values, np.float64), return_inverse=True)
    exact = np.empty(unique.size, object)
    exact[:] = [Fraction(value) for value in unique.tolist()]
    return np.asarray(exact[places.reshape(np.shape(values))], object)


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Number behind each word of a stage: the value of the word times `factor` plus `offset`, shape (n,) each.

    Scales and offsets that are no powers of two stay here, without a single bit of logic, until a quantiser takes them in.
    """

    factor: Fractions
    offset: Fractions

    @classmethod
    def of(cls, n: int, factor: Fraction | None = None, offset: Fraction | None = None) -> Self:
        """One `factor` and `offset` for `n` words; the words themselves if none are given."""
        one, none = np.empty(n, object), np.empty(n, object)
        one[:], none[:] = Fraction(1) if factor is None else factor, Fraction(0) if offset is None else offset
        return cls(one, none)

    @property
    def common(self) -> tuple[Fraction, Fraction] | None:
        """Factor and offset where all words have the same; the factor is positive."""
        first = self.factor[0], self.offset[0]
        same = all(item == first[0] for item in self.factor) and all(item == first[1] for item in self.offset)
        return first if same and first[0] > 0 else None

    def then(self, factor: Fractions | Fraction, offset: Fractions | Fraction) -> Line:
        """The line of ``number * factor + offset``."""
        return Line(np.asarray(self.factor * factor, object), np.asarray(self.offset * factor + offset, object))


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """An array of numbers: element e is word ``places[e]`` of `stage`, each of them once, on the `line` if there is one."""

    stage: int
    places: NDArray[np.int64]
    line: Line | None = None

    @classmethod
    def rows(cls, stage: int, shape: tuple[int, ...], line: Line | None = None) -> Self:
        """The words of `stage` as they come, in C order of `shape`."""
        return cls(stage, np.arange(int(np.prod(shape))).reshape(shape), line)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one crossing."""
        return self.places.shape

    @property
    def known_line(self) -> Line:
        """The line, that of the words themselves if there is none."""
        return self.line or Line.of(self.places.size)

    def moved(self, places: NDArray[np.int64]) -> Tensor:
        """The same numbers elsewhere."""
        return Tensor(self.stage, places, self.line)


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """Values that do not depend on the input; `exact` if a quantiser made them.

    Behind a quantiser whose `scale` is no power of two, they are its counts; the scale has their shape then.
    """

    values: NDArray[Any]
    exact: bool = False
    scale: NDArray[np.float64] | None = None

    @property
    def numbers(self) -> NDArray[np.float64]:
        """The values as the graph means them."""
        counts = np.asarray(self.values, np.float64)
        return counts if self.scale is None else counts * self.scale


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A node where it is applied: what it reads, and the network so far."""

    builder: NetworkBuilder
    node: Node
    inputs: Sequence[Tensor | Constant | None] = field(default=())

    def add(self, operation: Operation, *stages: int) -> int:
        """Append `operation` under the name of the node."""
        return self.builder.add(self.node.label, operation, *stages)

    def tensor(self, index: int = 0) -> Tensor:
        """Input `index`, which must be computed."""
        found = self.inputs[index] if index < len(self.inputs) else None
        if not isinstance(found, Tensor):
            msg = f"{self.node.where}: input {index} of {self.node.kind} is a constant; expected what the network computes"
            raise ConversionError(msg)
        return found

    def constant(self, index: int) -> Constant:
        """Input `index`, which must be a constant of finite numbers."""
        found = self.inputs[index] if index < len(self.inputs) else None
        if not isinstance(found, Constant):
            msg = f"{self.node.where}: input {index} of {self.node.kind} must be a constant"
            raise ConversionError(msg)
        wrong = int((~np.isfinite(found.numbers)).sum())
        if wrong:
            msg = f"{self.node.where}: {wrong} of {found.values.size} numbers of input {index} are NaN or infinite"
            raise ConversionError(msg)
        return found

    def weights(self, index: int) -> Constant:
        """Input `index`, which must be constant and quantised: a multiplier in firmware has few bits."""
        found = self.constant(index)
        if not found.exact and not is_plain(found):
            raise refuse(self.node.where, f"{self.node.kind} with float constants", f"a Quant node on input {index}")
        return found

    def spread(self, values: NDArray[Any], tensor: Tensor) -> NDArray[Any]:
        """One of `values`, which go with the shape of `tensor`, for each word of its stage."""
        try:
            row = np.broadcast_to(values, (1, *tensor.shape)).ravel()
        except ValueError as error:
            msg = f"{self.node.where}: constants of shape {values.shape} do not fit to words of shape {tensor.shape}"
            raise ConversionError(msg) from error
        words = np.empty(row.size, row.dtype)
        words[tensor.places.ravel()] = row
        return words

    def on_line(self, tensor: Tensor, line: Line) -> Tensor:
        """The words of `tensor` on another `line`; powers of two are wires, one is nothing at all."""
        if any(line.offset) or not all(_is_power(item) for item in line.factor):
            return Tensor(tensor.stage, tensor.places, line)
        shift = np.array([item.denominator.bit_length() - item.numerator.bit_length() for item in line.factor], np.int64)
        return Tensor(self.add(Scale(shift), tensor.stage) if shift.any() else tensor.stage, tensor.places)

    def settled(self, tensor: Tensor) -> Tensor:
        """`tensor` without a line: its words are multiplied and moved.

        Raises
        ------
        ConversionError
            If that takes more bits than integers have.
        """
        if tensor.line is None:
            return tensor
        factor, offset = self._words(tensor.line.factor), self._words(tensor.line.offset)
        return Tensor(self.add(Affine(*factor, *offset), tensor.stage), tensor.places)

    def one_scale(self, tensor: Tensor) -> Tensor:
        """`tensor` with one positive scale for all words and no offset, so that sums of words are sums of numbers."""
        common = None if tensor.line is None else tensor.line.common
        return tensor if tensor.line is None or (common is not None and not common[1]) else self.settled(tensor)

    def _words(self, exact: Fractions) -> tuple[NDArray[np.int64], int]:
        values = np.array([float(item) for item in exact])
        try:
            if all(Fraction(value) == item for value, item in zip(values.tolist(), exact, strict=True)):
                return dyadic_words(values, self.node.where)
        except ConversionError:
            pass
        what = f"{self.node.kind} on numbers with a factor or offset of {values[0]:.6g}, of more than 40 bits or without an end,"
        raise refuse(self.node.where, what, "a Quant node before it (at the end of the network also output='argmax')")

    def row(self, tensor: Tensor) -> int:
        """Stage with the words of `tensor` in C order of its shape."""
        return self.gathered(tensor.places, tensor.stage)

    def gathered(self, places: NDArray[np.int64], stage: int) -> int:
        """Stage with the words `places` of `stage`, zero where -1; nothing is appended if all stay where they are."""
        index = places.ravel()
        if np.array_equal(index, np.arange(self.builder.size(stage))):
            return stage
        return self.add(Gather(index), stage)


def is_plain(constant: Constant) -> bool:
    """Whether the numbers have few bits."""
    return constant.scale is None and not np.any(odd_parts(constant.numbers) >= 2.0**_FREE_BITS)


def _is_power(value: Fraction) -> bool:
    both = value.numerator, value.denominator
    return value > 0 and all(item & (item - 1) == 0 for item in both)
