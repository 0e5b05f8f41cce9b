"""Layers that hls4ml has not: generated C++ functions of rows of words, each as wide as its proven range.

The functions are written out in full into the project, like hls4ml's own quantisers of mixed widths. They hold nothing but
comparisons and constants that are exact in their types, so that any compiler gives the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from l1ml.conversion.hls4ml_dialects import quantiser_statement, row_names
from l1ml.conversion.hls4ml_generated import GENERATED_CLASS
from l1ml.conversion.pairwise import joined_in_pairs
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.operations import (
    Absolute,
    Add,
    Affine,
    ArgMax,
    Gather,
    Maximum,
    Operation,
    Product,
    Quantise,
    Scale,
    Square,
    Stage,
    Steps,
    Words,
)

__all__ = ["function_layer", "joined_layer", "merged_layer", "proven_kif"]


def function_layer(name: str, operation: Operation, before: Stage, after: Stage) -> dict[str, Any]:
    """hls4ml layer of an `operation` between two stages of known range.

    Raises
    ------
    ConversionError
        If the operation has no C++ here.
    """
    match operation:
        case Quantise(format_):
            modes = (format_.rounding.name, format_.overflow.name)
            bits = (int(format_.signed), format_.width, format_.integer)
            body = [quantiser_statement(index, *bits, modes) for index in range(len(after.low))]
        case Scale(shift):
            body = _affine(-shift, np.ones_like(shift), np.zeros_like(shift), after)
        case Affine():
            factor, offset, fractional = operation.aligned(before.fractional)
            exponent = np.full_like(factor, before.fractional - fractional)
            body = _affine(exponent, factor, offset, after)
        case Steps():
            body = _steps(operation, before, after)
        case Absolute():
            body = _absolute(before, after)
        case Maximum():
            body = _maximum(before, operation.groups)
        case ArgMax():
            body = _argmax(before, operation.groups)
        case Gather(index):
            body = [f"out[{i}] = inp[{place}];" if place >= 0 else f"out[{i}] = 0;" for i, place in enumerate(index.tolist())]
        case _:
            msg = f"layer {name!r}: {type(operation).__name__} has no HLS form; use the RTL back end"
            raise ConversionError(msg)
    return _generated(name, body, after)


def merged_layer(name: str, operation: Add | Product | Square, before: Sequence[Stage], after: Stage) -> dict[str, Any]:
    """hls4ml layer of sums, differences or products of two rows, for Libero, where hls4ml 1.3.0 has none."""
    names = row_names(len(before))
    rows = [[f"{row}[{index}]" for index in range(len(stage.low))] for row, stage in zip(names, before, strict=True)]
    # a square has one row, and a single word on one side meets every word of the other
    first, second = (row * (len(after.low) // len(row)) for row in (rows * 2)[:2])
    sign = ("+" if operation.sign > 0 else "-") if isinstance(operation, Add) else "*"
    words = [f"{one} {sign} {other}" for one, other in zip(first, second, strict=True)]
    return _generated(name, [f"out[{place}] = {word};" for place, word in enumerate(words)], after)


def joined_layer(name: str, before: Sequence[Stage], after: Stage) -> dict[str, Any]:
    """hls4ml layer that puts any number of rows one after the other.

    That of hls4ml 1.3.0 joins two rows, as two transfers of the joined length in the streams of Catapult; in those of oneAPI it
    counts the transfers of the first row by the length of the second.
    """
    sizes = [len(stage.low) for stage in before]
    words = [f"{row}[{index}]" for row, size in zip(row_names(len(before)), sizes, strict=True) for index in range(size)]
    return _generated(name, [f"out[{place}] = {word};" for place, word in enumerate(words)], after)


def _generated(name: str, body: list[str], after: Stage) -> dict[str, Any]:
    """A layer of the statements `body`."""
    return {
        "name": name,
        "class_name": GENERATED_CLASS,
        "n_out": len(after.low),
        "l1ml_kif": proven_kif(after),
        "l1ml_body": body,
    }


def proven_kif(after: Stage) -> tuple[list[int], list[int], list[int]]:
    """Signs, integer and fractional bits of the narrowest formats that hold each word of a stage."""
    k, i, f = np.array([item.kif for item in after.formats]).T.tolist()
    return k, i, f


def _type(format_: FixedPoint) -> str:
    """C++ type that holds every word of `format_`."""
    return f"ap_{'' if format_.signed else 'u'}fixed<{format_.width}, {format_.integer}>"


def _constant(word: int, fractional: int, format_: FixedPoint) -> str:
    """A constant of the type of `format_`, from a double, which holds up to 53 bits exactly."""
    if abs(word) >= 2**53:
        msg = f"the constant {word} has more than 53 bits; use narrower quantisers before it"
        raise ConversionError(msg)
    return f"{_type(format_)}({(word * 2.0**-fractional)!r})"


def _affine(exponent: Words, factor: Words, offset: Words, after: Stage) -> list[str]:
    """``inp * factor * 2**exponent`` plus an offset that is on the grid of the result."""
    lines = []
    for i, (power, times, plus) in enumerate(zip(exponent.tolist(), factor.tolist(), offset.tolist(), strict=True)):
        term = f"inp[{i}] * {_constant(times, -power, _holding(times, -power))}"
        constant = f" + {_constant(plus, after.fractional, _holding(plus, after.fractional))}" if plus else ""
        lines.append(f"out[{i}] = {term}{constant};")
    return lines


def _steps(steps: Steps, before: Stage, after: Stage) -> list[str]:
    """Comparisons with the thresholds that can be reached, each of which halves them: eight for a table of 256 words."""
    thresholds = steps.aligned(before.fractional)
    lines = []
    for index, (low, high) in enumerate(zip(before.low.tolist(), before.high.tolist(), strict=True)):
        first, last = (int(np.searchsorted(thresholds, end, side="right")) for end in (low, high))
        reached = thresholds[first:last].tolist()
        edges = [_constant(edge, before.fractional, _holding(edge, before.fractional)) for edge in reached]
        values = [_constant(value, after.fractional, after.format) for value in steps.values[first : last + 1].tolist()]
        lines += [f"{_type(after.format)} value_{index};", *_halved(f"inp[{index}]", f"value_{index}", edges, values)]
        lines.append(f"out[{index}] = value_{index};")
    return lines


def _halved(word: str, value: str, edges: Sequence[str], values: Sequence[str]) -> list[str]:
    """Assign to `value` that of `values` which has as many `edges`, rising, at or below `word`."""
    if not edges:
        return [f"{value} = {values[0]};"]
    middle = len(edges) // 2
    above = _halved(word, value, edges[middle + 1 :], values[middle + 1 :])
    below = _halved(word, value, edges[:middle], values[: middle + 1])
    return [f"if ({word} >= {edges[middle]}) {{", *above, "} else {", *below, "}"]


def _holding(word: int, fractional: int) -> FixedPoint:
    """Narrowest format of one word."""
    return Stage(fractional, np.array([word]), np.array([word])).format


def _absolute(before: Stage, after: Stage) -> list[str]:
    kind = _type(after.format)
    n = len(before.low)
    return [f"out[{i}] = inp[{i}] < 0 ? {kind}(-inp[{i}]) : {kind}(inp[{i}]);" for i in range(n)]


def _maximum(before: Stage, groups: int) -> list[str]:
    """Comparisons in pairs, group by group."""
    kind = _type(before.format)
    lines: list[str] = []

    def larger(first: str, second: str) -> str:
        name = f"best_{len(lines)}"
        lines.append(f"{kind} {name} = {second} > {first} ? {kind}({second}) : {kind}({first});")
        return name

    for group, places in enumerate(_places(before, groups)):
        best = joined_in_pairs([f"inp[{place}]" for place in places], larger)
        lines.append(f"out[{group}] = {best};")
    return lines


def _argmax(before: Stage, groups: int) -> list[str]:
    """Comparisons in pairs of a word and its place, group by group; of equal words the first one stays."""
    kind = _type(before.format)
    lines: list[str] = []
    place_kind = f"ap_uint<{max((len(before.low) // groups - 1).bit_length(), 1)}>"

    def winner(first: tuple[str, str], second: tuple[str, str]) -> tuple[str, str]:
        wins, best, place = (f"{word}_{len(lines)}" for word in ("wins", "best", "place"))
        lines.append(f"bool {wins} = {second[0]} > {first[0]};")
        lines.append(f"{kind} {best} = {wins} ? {kind}({second[0]}) : {kind}({first[0]});")
        lines.append(f"{place_kind} {place} = {wins} ? {place_kind}({second[1]}) : {place_kind}({first[1]});")
        return best, place

    for group, places in enumerate(_places(before, groups)):
        _, place = joined_in_pairs([(f"inp[{word}]", str(index)) for index, word in enumerate(places)], winner)
        lines.append(f"out[{group}] = {place};")
    return lines


def _places(before: Stage, groups: int) -> list[list[int]]:
    """Places of the words of each group."""
    return np.arange(len(before.low)).reshape(groups, -1).tolist()
