"""Counts of a quantiser on numbers that are no words: ``round(word * r + o)`` for fractions r and o of any size.

A count changes at finitely many words only. The coarsest grid is sought on which ``round(word * r' + o')`` changes at the same
ones, for every word that can arrive: few bits in firmware, and the same function, proven and not just near. Where that takes more
bits than float32 has, which is what Keras computes with, words are compared with the places of the changes instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, trunc

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint, Rounding
from l1ml.model.foreign.qonnx_call import Call, Line
from l1ml.model.operations import Affine, Dense, Quantise, Stage, Steps

__all__ = ["add_counts", "add_signs"]

_HALF = Fraction(1, 2)
_MOST_POINTS = 2**20
_FINEST = 44
_LARGEST = 2.0**61
_FLOAT32 = 24
_MOST_CHANGES = 63
_SIGN, _REACHED = (Steps(np.zeros(1, np.int64), 0, np.array([below, 1], np.int64), 0) for below in (-1, 0))


def add_counts(call: Call, line: Line, stage: int, format_: FixedPoint) -> int:
    """Append the counts in `format_`, without bits behind the point, of the words of `stage` on `line`.

    Raises
    ------
    ConversionError
        If there are too many words to prove it for, or more than 64 counts and no grid of 44 bits that gives all of them: where a
        word lies right between two and the factor has no finite number of bits.
    """
    words = call.builder.stages[stage]
    lines = _lines(call, line, words, format_)
    n_changes = int(np.ptp(lines.counts))
    found = next((item for item in map(lines.affine, range(_FINEST + 1)) if lines.agrees(item, words.fractional, format_)), None)
    is_wide = found is None or found.bound(words).format.width > _FLOAT32
    if is_wide and n_changes <= _MOST_CHANGES:
        return _compared(call, lines, stage)
    if found is None:
        what = (
            f"{call.node.where}: {call.node.kind} where a word lies between two counts and the scale has no finite number of bits"
        )
        msg = f"{what}; use fewer bits, or scales that are powers of two"
        raise ConversionError(msg)
    needed = found.offset.any() or (found.factor != 1 << found.factor_fractional).any()
    return call.add(Quantise(format_), call.add(found, stage) if needed else stage)


def _compared(call: Call, lines: _Lines, stage: int) -> int:
    """Append the lowest count plus the number of changes on each word's way to its own."""
    words = call.builder.stages[stage]
    lowest, changes = int(lines.counts.min()), max(int(np.ptp(lines.counts)), 1)
    factor, offset = np.ones((len(lines.pairs), changes), np.int64), np.empty((len(lines.pairs), changes), np.int64)
    for group, (r, _) in enumerate(lines.pairs):
        own = lines.point_group == group
        points, counts = lines.points[own], lines.counts[own]
        for change in range(changes):
            above = points[counts > lowest + change]
            if r < 0:
                factor[group], offset[group, change] = -1, above[-1] if len(above) else points[0] - 1
            else:
                offset[group, change] = -above[0] if len(above) else -points[-1] - 1
    n = len(lines.group)
    copies = call.gathered(np.repeat(np.arange(n), changes), stage)
    moved = Affine(factor[lines.group].ravel(), 0, offset[lines.group].ravel(), words.fractional)
    reached = call.add(_REACHED, call.add(moved, copies))
    return call.add(Dense(np.ones((changes, 1), np.int64), 0, np.array([lowest], np.int64), 0, n), reached)


def add_signs(call: Call, line: Line, stage: int) -> int:
    """Append -1 where a word of `stage` on `line` is negative, 1 elsewhere."""
    words = call.builder.stages[stage]
    factor, offset = np.empty(len(words.low), np.int64), np.empty(len(words.low), np.int64)
    for index, (r, o) in enumerate(zip(line.factor, line.offset, strict=True)):
        low, high = int(words.low[index]), int(words.high[index])
        # the first word, from above for a negative factor, that is not below zero; none is one beyond the range
        edge = -o / r * Fraction(2) ** words.fractional if r else Fraction(low if o >= 0 else high + 1)
        if r >= 0:
            factor[index], offset[index] = 1, -min(max(ceil(edge), low), high + 1)
        else:
            factor[index], offset[index] = -1, max(min(floor(edge), high), low - 1)
    moved = stage
    if offset.any() or (factor != 1).any():
        moved = call.add(Affine(factor, 0, offset, words.fractional), stage)
    return call.add(_SIGN, moved)


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """The different lines of a stage: `group` of each word; the words to look at, their line and their count."""

    group: NDArray[np.int64]
    pairs: Sequence[tuple[Fraction, Fraction]]
    points: NDArray[np.int64]
    point_group: NDArray[np.int64]
    counts: NDArray[np.int64]

    def affine(self, fractional: int) -> Affine | None:
        """All lines with `fractional` bits behind the point; None if they are too large for words."""
        both = [[round(item * 2**fractional) for item in side] for side in zip(*self.pairs, strict=True)]
        if max(abs(item) for side in both for item in side) >= _LARGEST:
            return None
        factor, offset = (np.array(side, np.int64)[self.group] for side in both)
        return Affine(factor, fractional, offset, fractional)

    def agrees(self, affine: Affine | None, word_fractional: int, format_: FixedPoint) -> bool:
        """Whether rounding after `affine` gives all counts, on words with `word_fractional` bits behind the point."""
        if affine is None:
            return False
        first = np.unique(self.group, return_index=True)[1]
        factor, offset = (item[first][self.point_group] for item in (affine.factor, affine.offset))
        finer = max(-word_fractional, 0), max(word_fractional, 0)
        largest = np.abs(factor * 2.0 ** finer[0] * self.points) + np.abs(offset * 2.0 ** finer[1])
        if largest.max() >= _LARGEST:
            return False
        sums = self.points * (factor << finer[0]) + (offset << finer[1])
        source = FixedPoint(62, 62 - affine.factor_fractional - finer[1])
        return bool(np.array_equal(format_.requantize(sums, source), self.counts))


def _lines(call: Call, line: Line, words: Stage, format_: FixedPoint) -> _Lines:
    numbers: dict[tuple[Fraction, Fraction], int] = {}
    each = [numbers.setdefault(pair, len(numbers)) for pair in zip(line.factor, line.offset, strict=True)]
    group = np.array(each, np.int64)
    unit = Fraction(2) ** -words.fractional
    points: list[NDArray[np.int64]] = []
    counts: list[NDArray[np.int64]] = []
    for (r, o), number in numbers.items():
        own = group == number
        low, high = int(words.low[own].min()), int(words.high[own].max())
        n_points = min(high - low + 1, 6 << format_.width) * len(numbers)
        if n_points > _MOST_POINTS:
            what = f"{call.node.where}: {call.node.kind} of {format_.width} bits with a scale that is no power of two"
            msg = f"{what}, at {n_points} words; use fewer bits"
            raise ConversionError(msg)
        looked = _edges(r * unit, o, (low, high), format_)
        points.append(looked)
        counts.append(_counts(r * unit, o, looked, format_))
    sizes = [len(item) for item in points]
    return _Lines(group, list(numbers), np.concatenate(points), np.repeat(np.arange(len(sizes)), sizes), np.concatenate(counts))


def _edges(r: Fraction, o: Fraction, ends: tuple[int, int], format_: FixedPoint) -> NDArray[np.int64]:
    """Words on both sides of every place where a count can change, in any rounding, and the `ends` of the range."""
    low, high = ends
    n_edges = 2 * (format_.max_word - format_.min_word) + 5
    if r == 0 or high - low <= n_edges:
        return np.arange(low, high + 1) if r else np.array(sorted({low, high}))
    halves = range(2 * format_.min_word - 2, 2 * format_.max_word + 3)
    below = [floor((half * _HALF - o) / r) for half in halves]
    near = {min(max(word + side, low), high) for word in below for side in (0, 1)}
    # right at an edge, downwards and upwards differ by where it is counted: one word further on each side
    near |= {min(max(word - 1, low), high) for word in below}
    return np.array(sorted(near | {low, high}), np.int64)


def _counts(r: Fraction, o: Fraction, words: NDArray[np.int64], format_: FixedPoint) -> NDArray[np.int64]:
    """Counts of `words`, in exact arithmetic."""
    rounded = [_rounded(r * word + o, format_.rounding) for word in words.tolist()]
    return np.array([min(max(item, format_.min_word), format_.max_word) for item in rounded], np.int64)


def _rounded(value: Fraction, mode: Rounding) -> int:
    match mode:
        case Rounding.RND_CONV:
            return round(value)
        case Rounding.RND_INF:
            return floor(value + _HALF) if value >= 0 else ceil(value - _HALF)
        case Rounding.RND_ZERO:
            return ceil(value - _HALF) if value >= 0 else floor(value + _HALF)
        case Rounding.TRN:
            return floor(value)
        case _:
            return trunc(value)
