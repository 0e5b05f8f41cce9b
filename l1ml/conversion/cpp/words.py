"""Statements of operations that compute every word of one word of each source, without rounding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from l1ml.conversion.cpp.integer_type import integer_type, type_of_stage
from l1ml.conversion.cpp.loops import each_lane, each_word, table
from l1ml.model.operations import Stage, Words

__all__ = ["absolute", "add", "affine", "concatenate", "gather", "product"]


def affine(factor: Words, offset: Words | None, before: Stage, after: Stage) -> list[str]:
    """Every word times its factor and plus its offset, if there is one."""
    peak = float((before.largest * np.abs(factor) + (0 if offset is None else np.abs(offset))).max())
    constants = [*factor.tolist(), *([] if offset is None else offset.tolist())]
    value = integer_type(-peak, peak, *constants).operand("x[i][b]", type_of_stage(before))
    lines = []
    if (factor != 1).any():
        lines.append(table("factor", factor))
        value += " * factor[i]"
    if offset is not None and offset.any():
        lines.append(table("offset", offset))
        value += " + offset[i]"
    return [*lines, *each_word(after, [f"y[i][b] = {type_of_stage(after).cast(value)};"])]


def add(sign: int, before: Sequence[Stage], after: Stage) -> list[str]:
    """First words plus or minus second words, on the finest of both grids."""
    factors = _factors(before)
    peak = sum(stage.peak * factor for stage, factor in zip(before, factors, strict=True))
    working = integer_type(-peak, peak, *factors)
    words = (working.operand(_word(array, stage, after), type_of_stage(stage)) for array, stage in zip("xz", before, strict=True))
    terms = [word if factor == 1 else f"{word} * {factor}" for word, factor in zip(words, factors, strict=True)]
    return each_word(after, [f"y[i][b] = {type_of_stage(after).cast((' + ' if sign > 0 else ' - ').join(terms))};"])


def product(arrays: str, before: Sequence[Stage], after: Stage) -> list[str]:
    """First words times second words."""
    peak = before[0].peak * before[1].peak
    working = integer_type(-peak, peak)
    pairs = zip(arrays, before, strict=True)
    words = [working.operand(_word(array, stage, after), type_of_stage(stage)) for array, stage in pairs]
    return each_word(after, [f"y[i][b] = {type_of_stage(after).cast(' * '.join(words))};"])


def absolute(before: Stage, after: Stage) -> list[str]:
    """Magnitudes; that of the smallest word of a type is beyond the type."""
    negated = integer_type(-before.peak, before.peak).operand("v", type_of_stage(before))
    return each_word(after, ["const auto v = x[i][b];", f"y[i][b] = {type_of_stage(after).cast(f'v < 0 ? -{negated} : v')};"])


def gather(index: Words, after: Stage) -> list[str]:
    """Each word from its place, or zero."""
    lines = [table("index", index), f"for (int i = 0; i < {len(index)}; ++i) {{"]
    if (index < 0).any():
        lines += ["    if (index[i] < 0) {", *each_lane("y[i][b] = 0;", 2), "        continue;", "    }"]
    return [*lines, *each_lane(f"y[i][b] = {type_of_stage(after).cast('x[index[i]][b]')};", 1), "}"]


def concatenate(before: Sequence[Stage], after: Stage) -> list[str]:
    """The words of the arrays x0, x1 and so on, on the finest of their grids."""
    lines, n_done = [], 0
    for number, (stage, factor) in enumerate(zip(before, _factors(before), strict=True)):
        working = integer_type(-stage.peak * factor, stage.peak * factor, factor)
        word = working.operand(f"x{number}[i][b]", type_of_stage(stage))
        value = word if factor == 1 else f"{word} * {factor}"
        lines += each_word(stage, [f"y[i + {n_done}][b] = {type_of_stage(after).cast(value)};"])
        n_done += len(stage.low)
    return lines


def _word(array: str, stage: Stage, after: Stage) -> str:
    """The word of `array` for output word i; the only word of a stage meets all of them."""
    return f"{array}[0][b]" if len(stage.low) == 1 < len(after.low) else f"{array}[i][b]"


def _factors(before: Sequence[Stage]) -> list[int]:
    """What brings the words of each stage to the finest grid of all."""
    finest = max(stage.fractional for stage in before)
    return [1 << (finest - stage.fractional) for stage in before]
