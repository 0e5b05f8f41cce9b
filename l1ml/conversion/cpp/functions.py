"""Each operation of a network as one C++ function over a block of crossings."""

from __future__ import annotations

from collections.abc import Sequence

from l1ml.conversion.cpp.dense import dense_function
from l1ml.conversion.cpp.integer_type import IntegerType, type_of_stage
from l1ml.conversion.cpp.loops import function
from l1ml.conversion.cpp.rounding import quantise_lines, steps_lines
from l1ml.conversion.cpp.words import absolute, add, affine, concatenate, gather, product
from l1ml.model.operations import (
    Absolute,
    Add,
    Affine,
    ArgMax,
    Concatenate,
    Dense,
    Gather,
    Maximum,
    Operation,
    Product,
    Quantise,
    Scale,
    Square,
    Stage,
    Steps,
)

__all__ = ["operation_text"]


def operation_text(name: str, operation: Operation, before: Sequence[Stage], after: Stage) -> str:
    """Function `name` from the words of the stages `before` to those of `after`, with any that it needs before it."""
    match operation:
        case Dense():
            return dense_function(name, operation, before[0], after)
        case Maximum() | ArgMax():
            return _in_groups(name, operation, before[0], after)
        case _:
            arrays = [f"x{index}" for index in range(len(before))] if isinstance(operation, Concatenate) else ["x", "z"]
            return function(name, [*zip(arrays, before, strict=False)], after, _body(operation, before, after))


def _body(operation: Operation, before: Sequence[Stage], after: Stage) -> list[str]:  # noqa: PLR0911  one return per operation
    """Statements of an operation that makes each of its words of one word of each source, or of none."""
    match operation:
        case Quantise():
            return quantise_lines(operation, before[0], after)
        case Steps():
            return steps_lines(operation, before[0], after)
        case Scale():
            return affine(operation.align(), None, before[0], after)
        case Affine():
            factor, offset, _ = operation.aligned(before[0].fractional)
            return affine(factor, offset, before[0], after)
        case Add(sign):
            return add(sign, before, after)
        case Square():
            return product("xx", [before[0], before[0]], after)
        case Product():
            return product("xz", before, after)
        case Absolute():
            return absolute(before[0], after)
        case Gather(index):
            return gather(index, after)
        case Concatenate():
            return concatenate(before, after)
        case _:
            msg = f"{operation} has a function of its own"
            raise TypeError(msg)


def _in_groups(name: str, operation: Maximum | ArgMax, before: Stage, after: Stage) -> str:
    """The largest word of each group or its place, the first one of several equal ones."""
    source, target = type_of_stage(before), type_of_stage(after)
    others = range(1, len(before.low) // operation.groups)
    lines = [f"{source} most = x[0][b];", *(f"most = x[{index}][b] > most ? x[{index}][b] : most;" for index in others)]
    value = target.cast("most")
    if isinstance(operation, ArgMax):
        lines, value = _search(lines, target), "place"
    body = ["for (int b = 0; b < lanes; ++b) {", *(f"    {line}" for line in lines), f"    y[0][b] = {value};", "}"]
    return function(name, [("x", before)], after, body, groups=operation.groups)


def _search(lines: list[str], target: IntegerType) -> list[str]:
    """Statements that find the largest word, with the place that it has beside it."""
    start = f"{target} place = 0;"
    if len(lines) == 1:
        return [start]
    found = [lines[0], start]
    for index, line in enumerate(lines[1:], start=1):
        found += [f"place = x[{index}][b] > most ? {target}{{{index}}} : place;", line]
    return found[:-1]
