"""The operations of an integer network on alkaid's symbolic fixed-point variables.

Implementation notes
--------------------
Rounding to even is built here from additions and truncations, because alkaid 0.8.2's own ``RND_CONV`` takes the wrong bits
when adding one half leaves a value with fewer fractional bits than it had (an odd constant added to it before, for instance).
Bits are cut out of unscaled variables only: alkaid keeps a power of two and a sign beside each variable, and its optimiser
takes a single bit cut out of a scaled one for the top bit when their weights happen to agree.
Six and more words of one bit in a column of a kernel become a table in alkaid 0.8.2, whose address loses the sign of words that
are kept as the negative of a variable (one minus a bit, say): wrong sums, or a failed assertion. Such words are added up instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from typing import Any

import numpy as np
from alkaid.trace import FVArray

from l1ml.conversion.alkaid_squares import TABLE_BITS, squared
from l1ml.conversion.pairwise import joined_in_pairs
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.network import Node
from l1ml.model.operations import (
    Absolute,
    Add,
    Affine,
    ArgMax,
    Concatenate,
    Dense,
    Gather,
    Maximum,
    Product,
    Quantise,
    Scale,
    Square,
    Steps,
)

__all__ = ["apply_format", "apply_operation", "has_lost_a_sign"]

_FEWEST_OF_A_TABLE = 3
"""Steps: one or two comparisons are no more logic than a table, and alkaid shortens them further."""


def apply_operation(node: Node, values: Sequence[Any], *, rectified: bool = False) -> Any:  # noqa: PLR0911, PLR0912  one return per operation
    """Symbolic words, shape (1, n), after the operation of `node`, from the words of its sources.

    Raises
    ------
    ConversionError
        If a quantiser has modes that are not built here.
    """
    first = values[0]
    match node.operation:
        case Quantise(format_):
            _check_modes(node.name, format_)
            return apply_format(first, format_, rectified=rectified)
        case Dense() as dense:
            return _dense(first, dense)
        case Gather(index):
            return _gather(first, index.tolist())
        case Scale(shift):
            return first * 2.0 ** -shift.astype(np.float64)
        case Affine() as affine:
            return first * (affine.factor * 2.0**-affine.factor_fractional) + affine.offset * 2.0**-affine.offset_fractional
        case Square():
            return _array(first, [squared(item) for item in np.asarray(first).ravel()])
        case Product():
            return first * values[1]
        case Add(sign):
            return first + values[1] if sign > 0 else first - values[1]
        case Concatenate():
            return _array(first, [item for value in values for item in np.asarray(value).ravel()])
        case Absolute():
            return np.maximum(first, -first)
        case Maximum():
            return _array(first, [joined_in_pairs(group.tolist(), _larger) for group in _groups(first, node.operation.groups)])
        case ArgMax():
            return _array(first, [_place_of_largest(group.tolist()) for group in _groups(first, node.operation.groups)])
        case Steps() as steps:
            return _array(first, [_step_value(item, steps) for item in np.asarray(first).ravel()])


def _check_modes(name: str, format_: FixedPoint) -> None:
    if format_.rounding not in {Rounding.RND_CONV, Rounding.TRN} or format_.overflow not in {Overflow.SAT, Overflow.SAT_SYM}:
        msg = f"layer {name!r} quantises to {format_}; the RTL back end builds AP_RND_CONV or AP_TRN with AP_SAT or AP_SAT_SYM"
        raise ConversionError(msg)


def _array(like: Any, items: Sequence[Any]) -> Any:
    """One row of symbolic `items`."""
    row = np.empty((1, len(items)), dtype=object)
    row[0, :] = items
    return FVArray(row, like.solver_options, hwconf=like.hwconf)


def _groups(values: Any, groups: int) -> Any:
    """Symbolic words in `groups` equal parts of the row."""
    return np.asarray(values).reshape(groups, -1)


def _dense(values: Any, dense: Dense) -> Any:
    """The same kernel on the symbolic words of every position."""
    rows = np.asarray(values).reshape(dense.positions, -1)
    return _array(values, [item for row in rows for item in np.asarray(_at_one_position(values, row, dense)).ravel()])


def _at_one_position(like: Any, row: Any, dense: Dense) -> Any:
    """A kernel on one symbolic `row`; words that are constants belong to the bias, because alkaid's solver trips over them."""
    kernel, bias = dense.kernel * 2.0**-dense.kernel_fractional, dense.bias * 2.0**-dense.bias_fractional
    is_constant = np.array([item.low == item.high for item in row])
    offset = np.array([float(item.low) for item in row[is_constant]]) @ kernel[is_constant] + bias
    if is_constant.all():
        return [row[0] * 0.0 + value for value in offset.tolist()]
    outputs = _summable(like, row[~is_constant]) @ kernel[~is_constant]
    return outputs + offset if offset.any() else outputs


def _summable(like: Any, row: Any) -> Any:
    """One row of symbolic words for a product with a kernel; without tables of bits where alkaid gets their address wrong."""
    values = _array(like, row)
    bits = [item for item in row if sum(item.kif) == 1]
    if any(item._factor < 0 or item.low < 0 for item in bits):
        return FVArray(np.asarray(values), {**(like.solver_options or {}), "binary_lut": False}, hwconf=like.hwconf)
    return values


def _gather(values: Any, index: Sequence[int]) -> Any:
    """Symbolic words in another order; -1 is the constant zero."""
    words = np.asarray(values).ravel().tolist()
    return _array(values, [words[0] * 0.0 if place < 0 else words[place] for place in index])


def _larger(first: Any, second: Any) -> Any:
    """The larger one of two symbolic words.

    alkaid takes the top bit of their difference for its sign, which it is not where it can prove that the difference has none.
    """
    difference = first - second
    if difference.low >= 0:
        return first
    return second if difference.high <= 0 else first.max_of(second)


def _is_at_least_one_count(difference: Any) -> Any:
    """One where a symbolic `difference` is positive, else zero: cut off at one count of its own grid."""
    count = float(difference.step)
    return difference.max_of(0.0).min_of(count) * (1 / count)


def _place_of_largest(items: Sequence[Any]) -> Any:
    """Place of the first largest of symbolic `items`."""

    def winner(first: tuple[Any, Any], second: tuple[Any, Any]) -> tuple[Any, Any]:
        wins = _is_at_least_one_count(second[0] - first[0])
        # the second place, or the first one: their difference is a small number times one bit
        return _larger(first[0], second[0]), wins * (second[1] - first[1]) + first[1]

    ranked = [(item, float(index)) for index, item in enumerate(items)]
    return items[0] * 0.0 + joined_in_pairs(ranked, winner)[1]


def _step_value(item: Any, steps: Steps) -> Any:
    """From a table, where there are several steps and the words are few; else the sum of the rises at all thresholds reached."""
    levels = steps.values * 2.0**-steps.value_fractional
    count = float(item.step)
    edges = np.ceil(steps.thresholds * 2.0**-steps.fractional / count) * count
    if len(edges) >= _FEWEST_OF_A_TABLE and sum(int(part) for part in item.kif) <= TABLE_BITS:
        return _looked_up(item, edges, levels)
    total = item * 0.0 + float(levels[0])
    for edge, rise in zip(edges.tolist(), np.diff(levels).tolist(), strict=True):
        total = total + _is_at_least_one_count(item - (edge - count)) * rise
    return total


def _looked_up(item: Any, edges: Any, levels: Any) -> Any:
    """What stands in a table of every value of a symbolic `item`: each bit of it is a few LUT, however many steps there are."""
    values = item.low + item.step * np.arange(round((item.high - item.low) / item.step) + 1)
    table = levels[np.searchsorted(edges, values, side="right")]
    return item * 0.0 + float(table[0]) if (table == table[0]).all() else item.lookup(table)


def apply_format(values: Any, target: FixedPoint, *, rectified: bool = False) -> Any:
    """Symbolic `values` saturated and rounded to even or cut off as `target` says.

    They saturate by choices, which take the sign of a difference, or `rectified`: more logic, and right where a sign gets lost.
    """
    if target.rounding is Rounding.TRN:
        saturated = _rectified if rectified else _saturated
        items = [saturated(_cut_off(item, target.fractional), target) for item in np.asarray(values).ravel()]
        return FVArray(np.array(items, dtype=object).reshape(values.shape), values.solver_options, hwconf=values.hwconf)
    # between these bounds, which are on the grid themselves, rounding cannot leave the range: it needs no carry bit
    if rectified:
        bounded = _array(values, [_rectified(item, target) for item in np.asarray(values).ravel()]).reshape(values.shape)
    else:
        bounded = np.minimum(np.maximum(values, target.min), target.max)
    rounded = [_round_half_even(item, target.fractional) for item in np.asarray(bounded).ravel()]
    return FVArray(np.array(rounded, dtype=object).reshape(values.shape), values.solver_options, hwconf=values.hwconf)


def _rectified(value: Any, target: FixedPoint) -> Any:
    """One symbolic `value` between the bounds of `target`."""
    raised = value if value.low >= target.min else (value - target.min).relu() + target.min
    return raised if raised.high <= target.max else target.max - (target.max - raised).relu()


def has_lost_a_sign(logic: Any) -> bool:
    """Whether a choice of the program `logic` takes a digit for a sign.

    alkaid 0.8.2 chooses by the top bit of a difference. Where the adders that it found for a sum prove that the difference is not
    negative, which the bounds of its symbolic words did not show, the difference has no sign left, and the top bit is a digit.
    A choice by a word of one bit is meant.
    """
    chosen_by = [logic.ops[op.addr[2]].qint for op in logic.ops if abs(op.opcode) == _CHOICE]
    return any(item.min >= 0 and sum(item.kif) > 1 for item in chosen_by)


_CHOICE = 6
"""Operation code of alkaid: the first of two words if the top bit of a third is set."""


def _cut_off(value: Any, fractional: int) -> Any:
    """One symbolic `value` without the bits below the grid 2**-fractional."""
    k, i, f = (int(item) for item in value.kif)
    return value if f <= fractional else value.quantize(k, max(i, 1 - k - fractional), fractional)


def _saturated(value: Any, target: FixedPoint) -> Any:
    """One symbolic `value`, which is on the grid of `target`, within its ends.

    Its upper end is one count below a power of two: the bits from there up tell whether a word is beyond, without a comparison.
    """
    above = value.max_of(target.min)
    if above.high <= target.max:
        return above
    if above.low < 0:
        return above.min_of(target.max)
    _, i, f = target.kif
    beyond = _cut_off(above, -i).unary_bit_op("any")
    return beyond.msb_mux(target.max, above.quantize(0, i, f), qint=(0.0, target.max, 2.0**-f))


def _round_half_even(value: Any, fractional: int) -> Any:
    """One symbolic `value` on the grid 2**-fractional, halves to even; one that is on it already stays as it is.

    The floor of value + 1/2 rounds halves up; where nothing is left below the grid it was a tie, and the last bit goes.
    """
    if value.kif[2] <= fractional:
        return value
    scale = float(value._factor)
    if scale != 1:
        return _round_half_even(value * (1 / scale), fractional + round(log2(abs(scale)))) * scale
    raised = value + 2.0 ** -(fractional + 1)
    k, i, finest = (int(item) for item in raised.kif)
    i = max(i, 1 - fractional)
    rest = raised.quantize(0, -fractional, finest)
    even = raised.quantize(k, i, fractional - 1)
    if rest.low == rest.high:
        return raised.quantize(k, i, fractional) if rest.low else even
    odd = raised.quantize(0, 1 - fractional, fractional)
    is_no_tie = rest.unary_bit_op("any") * 2.0**-fractional
    if odd.low == odd.high:
        return even + is_no_tie if odd.low else even
    return even + (is_no_tie & odd)
