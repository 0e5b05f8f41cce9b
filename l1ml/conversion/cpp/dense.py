"""Sums of products, written out: whatever is zero is left out, and most additions are as narrow as they can be.

Written out, a sum keeps its vectors in registers; a loop over tables of weights took three to five times as long. The price is
paid once, by the compiler: about 1.5 ms for a weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from l1ml.conversion.cpp.integer_type import IntegerType, integer_type, type_of_stage
from l1ml.conversion.cpp.loops import TIGHT, each_lane, function
from l1ml.model.operations import Dense, Stage

__all__ = ["dense_function"]

_TERMS_AT_ONCE = 128
"""Products in one expression; compilers take ever longer for longer ones."""

_WORTHWHILE = 4
"""Terms that a narrower sum must have on average: its result is widened, which costs as much as two products."""


@dataclass(frozen=True, slots=True)
class _Term:
    """A word times its weight; `largest` is the largest magnitude of the product."""

    place: int
    weight: int
    largest: int


@dataclass(frozen=True, slots=True)
class _Sum:
    """How the words of one output are computed: the type that holds all partial sums, those of the words read and written."""

    sums: IntegerType
    source: IntegerType
    target: IntegerType


def dense_function(name: str, operation: Dense, before: Stage, after: Stage) -> str:
    """All products of one position, and a loop over the positions."""
    kernel, bias, _ = operation.aligned(before.fractional)
    peak = operation.peak(before)
    types = _Sum(integer_type(-peak, peak), type_of_stage(before), type_of_stage(after))
    reach = np.maximum(np.abs(before.low), np.abs(before.high)).reshape(operation.positions, -1).max(axis=0)
    lines: list[str] = []
    for output, (weights, start) in enumerate(zip(kernel.T.tolist(), bias.tolist(), strict=True)):
        reached = enumerate(zip(weights, reach.tolist(), strict=True))
        terms = [_Term(place, weight, abs(weight) * most) for place, (weight, most) in reached if weight * most != 0]
        lines += _statements(f"y[{output}][b]", start, _addends(terms, types.sums, types.source), types)
    return function(name, [("x", before)], after, lines, groups=operation.positions)


def _statements(word: str, start: int, addends: Sequence[tuple[str, int]], types: _Sum) -> list[str]:
    """Loops that leave `start` and all `addends`, each with its number of terms, in `word`."""
    lines, value, n_terms = [], str(start), 0
    for text, n in addends:
        # a word that is narrower than the sums cannot keep what is still to come
        if n_terms + n > _TERMS_AT_ONCE and n_terms and types.target >= types.sums:
            lines += each_lane(f"{word} = {types.target.cast(value)};")
            value, n_terms = word, 0
        value, n_terms = value + text, n_terms + n
    return [*lines, *each_lane(f"{word} = {types.target.cast(value.removeprefix(f'0 +{TIGHT}'))};")]


def _addends(terms: Sequence[_Term], sums: IntegerType, source: IntegerType) -> list[tuple[str, int]]:
    """What a sum of the type `sums` goes on with, and how many terms each of it has.

    A vector holds twice as many words of half the width. So terms whose sum fits there are added up there first, if that type
    holds the words, too, and the sums are long enough.
    """
    products = [(_product(sums.operand(f"x[{term.place}][b]", source), term.weight), 1) for term in terms]
    if not source < sums:
        return products
    half = sums.half
    groups = _groups(terms, half)
    if len(terms) < _WORTHWHILE * len(groups):
        return products
    narrow = [f" +{TIGHT}{sums.operand(half.cast(_alone(_addends(group, half, source))), half)}" for group in groups]
    ends = accumulate(len(group) for group in groups)
    return [
        (text, len(group)) if len(group) > 1 else products[end - 1] for text, group, end in zip(narrow, groups, ends, strict=True)
    ]


def _alone(addends: Sequence[tuple[str, int]]) -> str:
    """A sum without the operator before its first addend."""
    text = "".join(addend for addend, _ in addends)
    return text.removeprefix(f" +{TIGHT}").replace(f" -{TIGHT}", "-", text.startswith(f" -{TIGHT}"))


def _groups(terms: Sequence[_Term], narrow: IntegerType) -> list[list[_Term]]:
    """Runs of terms, each with sums that `narrow` holds in any order; a term that does not fit is alone."""
    groups: list[list[_Term]] = []
    room = 0
    for term in terms:
        if term.largest > room or len(groups[-1]) == _TERMS_AT_ONCE:
            groups.append([])
            room = narrow.largest
        groups[-1].append(term)
        room -= term.largest
    return groups


def _product(word: str, weight: int) -> str:
    """What a sum goes on with."""
    factor = "" if abs(weight) == 1 else f"{TIGHT}*{TIGHT}{abs(weight)}"
    return f" {'+' if weight > 0 else '-'}{TIGHT}{word}{factor}"
