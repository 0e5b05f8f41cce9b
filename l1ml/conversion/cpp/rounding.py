"""Statements of operations that leave precision behind."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from l1ml.conversion.cpp.integer_type import IntegerType, integer_type, type_of_stage
from l1ml.conversion.cpp.loops import each_word, table
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.operations import Quantise, Stage, Steps

__all__ = ["quantise_lines", "steps_lines"]

_MOST_SUMMED = 24
"""Thresholds up to which a sum over all of them, in vectors, is faster than a search, word by word."""

_EXACT = 62
"""Width of a format that holds every word of a network: nothing overflows in it."""


def quantise_lines(operation: Quantise, before: Stage, after: Stage) -> list[str]:
    """Every word rounded and bounded.

    The range of `before` decides what is left out: no limit is checked that no word can reach.
    """
    target, low, high = operation.format, int(before.low.min()), int(before.high.max())
    shift = _shift(before.fractional - target.fractional, low, high)
    least, most = _rounded(target, before, low, high)
    working = integer_type(low, high, *_rounding_range(target.rounding, shift, low, high))
    rounded = integer_type(least, most, *_overflow_range(target, least, most))
    scaled = f"v * {1 << -shift}" if shift <= 0 else _round(target.rounding, shift, working)
    lines = [f"const {working if shift else max(working, rounded)} v = x[i][b];"]
    if shift != 0:
        lines.append(f"const {rounded} r = {rounded.cast(scaled)};")
    result = _bound(target, "v" if shift == 0 else "r", least, most)
    return each_word(after, [*lines, f"y[i][b] = {type_of_stage(after).cast(result)};"])


def _shift(shift: int, low: int, high: int) -> int:
    """`shift`, or where it moves every word beyond the point: the least one that rounds them all in the same way."""
    return min(shift, max(high.bit_length(), low.bit_length()) + 1)


def _rounded(target: FixedPoint, before: Stage, low: int, high: int) -> tuple[int, int]:
    """Ends of the range after rounding, before overflow."""
    exact = FixedPoint(_EXACT, _EXACT - target.fractional, True, target.rounding, Overflow.SAT)
    least, most = exact.requantize(np.array([low, high]), before.format).tolist()
    return least, most


def _rounding_range(mode: Rounding, shift: int, low: int, high: int) -> tuple[int, ...]:
    """Ends of what rounding computes on its way."""
    if shift <= 0:
        return (1 << -shift, low << -shift, high << -shift)
    if mode is Rounding.TRN:
        return (0,)
    # only what is below zero is rounded up by a whole count
    return ((1 << shift) - 1,) if mode is Rounding.TRN_ZERO else (1 << (shift - 1), high + (1 << (shift - 1)))


def _round(mode: Rounding, shift: int, working: IntegerType) -> str:
    """The word v, `shift` bits shorter: a mode is what is added before the bits are cut off."""
    half, rest = 1 << (shift - 1), (1 << shift) - 1
    added = {
        Rounding.TRN: "v",
        Rounding.TRN_ZERO: f"v + (v < 0 ? {rest} : 0)",
        Rounding.RND: f"v + {half}",
        Rounding.RND_MIN_INF: f"v + {half - 1}",
        Rounding.RND_ZERO: f"v + (v < 0 ? {half} : {half - 1})",
        Rounding.RND_INF: f"v + (v < 0 ? {half - 1} : {half})",
        Rounding.RND_CONV: f"v + {half - 1} + ((v >> {shift}) & 1)",
    }[mode]
    # the sum as a word of the working type: without the cast it would be an int, and vectors half as long
    return f"{working.cast(added) if mode is not Rounding.TRN else added} >> {shift}"


def _overflow_range(target: FixedPoint, least: int, most: int) -> tuple[int, ...]:
    """Ends of what the overflow mode computes on its way."""
    if target.overflow is not Overflow.WRAP or not _overflows(target, least, most):
        return (0,)
    return (least - target.min_word, most - target.min_word, (1 << target.width) - 1)


def _overflows(target: FixedPoint, least: int, most: int) -> bool:
    return least < target.min_word or most > target.max_word


def _bound(target: FixedPoint, value: str, least: int, most: int) -> str:
    """Expression of `value`, of the range `least` to `most`, after the overflow mode of `target`."""
    low, high = target.min_word, target.max_word
    if not _overflows(target, least, most):
        return value
    if target.overflow is Overflow.WRAP:
        return f"(({value} - {_literal(low)}) & {(1 << target.width) - 1}) + {_literal(low)}"
    if target.overflow is Overflow.SAT_ZERO:
        tests = [f"{value} < {low}"] * (least < low) + [f"{value} > {high}"] * (most > high)
        return f"{' || '.join(tests)} ? 0 : {value}"
    upper = f"{value} > {high} ? {high} : {value}" if most > high else value
    return f"{value} < {low} ? {low} : {upper}" if least < low else upper


def _literal(value: int) -> str:
    return f"({value})" if value < 0 else str(value)


def steps_lines(operation: Steps, before: Stage, after: Stage) -> list[str]:
    """The value of every word; only thresholds that some words reach and others do not are kept."""
    thresholds = operation.aligned(before.fractional)
    first, last = (int(np.searchsorted(thresholds, end, side="right")) for end in (before.low.min(), before.high.max()))
    kept, values = thresholds[first:last].tolist(), operation.values[first : last + 1].tolist()
    if len(kept) <= _MOST_SUMMED:
        return _summed(kept, values, after)
    return _searched([*kept, int(before.high.max()) + 1], values, after)


def _summed(thresholds: list[int], values: list[int], after: Stage) -> list[str]:
    """The first value and what every threshold adds to it."""
    added = [after - before for before, after in pairwise(values)]
    start = f"{integer_type(*values, *added)}{{{values[0]}}}"
    terms = [f"(v >= {threshold} ? {step} : 0)" for threshold, step in zip(thresholds, added, strict=True) if step]
    lines = ["const auto v = x[i][b];"] if terms else []
    return each_word(after, [*lines, f"y[i][b] = {type_of_stage(after).cast(' + '.join([start, *terms]))};"])


def _searched(thresholds: list[int], values: list[int], after: Stage) -> list[str]:
    """A binary search in the thresholds; the last of them, which no word reaches, fills the table up."""
    bits = (len(thresholds) - 1).bit_length()
    filled = thresholds + thresholds[-1:] * ((1 << bits) - 1 - len(thresholds))
    search = [
        "const auto v = x[i][b];",
        "int place = 0;",
        f"for (int step = {1 << (bits - 1)}; step > 0; step /= 2)",
        "    place += v >= thresholds[place + step - 1] ? step : 0;",
        f"y[i][b] = {type_of_stage(after).cast('values[place]')};",
    ]
    return [table("thresholds", filled), table("values", values), *each_word(after, search)]
