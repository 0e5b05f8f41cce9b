"""Operations of two or more tensors, word by word, with Keras' rules of broadcasting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.model.dyadic import refuse
from l1ml.model.operations import Add, Gather, Maximum, Operation, Product, Scale, Square
from l1ml.model.operations import Concatenate as Join
from l1ml.model.readers.call import Call, Reader
from l1ml.model.readers.reductions import add_total
from l1ml.model.readers.wires import computed, numbered
from l1ml.model.readers.words import negated

__all__ = ["combination", "read_average", "read_dot", "read_maximum", "read_minimum", "read_multiply", "read_subtract"]


def combination(operation: Operation, neutral: float) -> Reader:
    """Reader of a chain of `operation` over all tensors, which leaves a word as it is where the others are `neutral`."""

    def read(call: Call) -> int:
        first, *others = operands(call, neutral)
        for other in others:
            first = call.on(operation, first, other)
        return first

    return read


def read_multiply(call: Call) -> int:
    """Product of all tensors; of one with itself, its square."""
    if len(call.sources) == 2 and call.sources[0] == call.sources[1] and call.shapes[0] == call.shapes[1]:
        return call.on(Square(), call.sources[0])
    return combination(Product(), 1.0)(call)


def read_subtract(call: Call) -> int:
    """First tensor minus the second."""
    return combination(Add(-1), 0.0)(call)


def read_maximum(call: Call) -> int:
    """The larger one of the words of each place."""
    return _largest(call, operands(call, 0.0))


def read_minimum(call: Call) -> int:
    """The smaller one of the words of each place."""
    return negated(call, _largest(call, [negated(call, stage) for stage in operands(call, np.inf)]))


def read_average(call: Call) -> int:
    """Mean of the tensors, whose number must be a power of two."""
    n = len(call.sources)
    if n & (n - 1):
        raise refuse(call.where, f"the mean of {n} tensors", f"Add: a threshold on it is {n} times the one on the mean")
    total = combination(Add(1), 0.0)(call)
    return call.on(Scale(np.full(call.builder.size(total), n.bit_length() - 1)), total)


def read_dot(call: Call) -> int:
    """Sum of the products of two rows.

    Raises
    ------
    ConversionError
        If the tensors are no rows of one length, or the rows are normalised.
    """
    layer = call.layer
    if layer.normalize or len(call.shapes[0]) != 1 or call.shapes[0] != call.shapes[1]:
        given = f"Dot of the shapes {call.shapes[0]} and {call.shapes[1]}{', normalised' if layer.normalize else ''}"
        msg = f"{call.where}: {given}; use it on two rows of one length, or keras.ops.multiply and keras.ops.sum"
        raise ConversionError(msg)
    return add_total(call, read_multiply(call), 1)


def _largest(call: Call, stages: list[int]) -> int:
    n = call.builder.size(stages[0])
    rows = np.arange(len(stages) * n).reshape(len(stages), n)
    return call.on(Maximum(n), call.on(Gather(rows.T.ravel()), call.on(Join(), *stages)))


def operands(call: Call, neutral: float) -> list[int]:
    """Stages of the tensors of `call`, each brought to the shape of the result.

    Raises
    ------
    ConversionError
        If one operand is a constant, or the tensors have ranks that meet the crossings of each other.
    """
    if len(call.sources) < 2:
        instead = "use Rescaling by a power of two for a factor, the next bias for an offset"
        msg = f"{call.where}: {type(call.layer).__name__} has {len(call.sources)} tensor, and a constant; {instead}"
        raise ConversionError(msg)
    if len(set(call.shapes)) == 1:
        return list(call.sources)
    return [call.gather(_seen(call, which, neutral), source) for which, source in enumerate(call.sources)]


def _seen(call: Call, which: int, neutral: float) -> NDArray[np.int64]:
    """Place of the word of tensor `which` in every word of the result, as Keras broadcasts it."""
    total = call.builder.size(call.sources[which])
    inputs = [np.full((2, *shape), neutral, np.float32) for shape in call.shapes]
    inputs[which] = numbered(call.shapes[which], 0, total)
    found = np.abs(computed(call, inputs))
    one, other = found.reshape(2, -1) if found.shape == (2, *call.shape) else (np.zeros(1), np.zeros(1))
    if not np.array_equal(one + total, other):
        what = f"{call.where}: the shapes {call.shapes} are broadcast across crossings"
        msg = f"{what}; give both tensors the same number of axes (keras.ops.expand_dims)"
        raise ConversionError(msg)
    return one.astype(np.int64) - 1
