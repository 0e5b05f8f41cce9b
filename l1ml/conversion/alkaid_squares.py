"""Squares of alkaid's symbolic words without a multiplier: a table of a narrow word, and the halves of a wide one.

A general product of a word with itself takes a DSP block, or about twice the logic that a square needs. LUT of one signed square
by Yosys 0.70 (``synth_xilinx -family xcup -flatten -nodsp``, mean of 8 between registers), and what ``ltp -noff`` finds for the
depth:

=====  ============= ============= =============
width  product       table         halves
=====  ============= ============= =============
5      12, depth 7   7, depth 4    14, depth 8
6      14, depth 7   9, depth 4    18, depth 8
7      44, depth 10  22, depth 6   32, depth 10
8      75, depth 10  44, depth 8   44, depth 11
9      116, depth 12 91, depth 8   57, depth 12
12     238, depth 14 block RAM     97, depth 14
=====  ============= ============= =============

From ten bits on, and sooner between some registers, Yosys makes a block RAM of a table. A table of the magnitude saves 5 LUT of
22 at seven bits and 8 of 44 at eight, and is two or three levels deeper; adders of the single bits' products are larger from
six bits on.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["TABLE_BITS", "squared"]

TABLE_BITS = 8
"""Widest word whose square is looked up."""


def squared(word: Any) -> Any:
    """Square of one symbolic `word`, exact."""
    width = sum(int(part) for part in word.kif)
    if word.low == word.high:
        return word * float(word.low)
    return _from_table(word) if width <= TABLE_BITS else _from_halves(word, width // 2)


def _from_table(word: Any) -> Any:
    values = word.low + word.step * np.arange(round((word.high - word.low) / word.step) + 1)
    return word.lookup(values**2)


def _from_halves(word: Any, low_bits: int) -> Any:
    """(h + l)**2 = h**2 + l**2 + 2 h l for the `low_bits` low bits l of the word and the rest h.

    The first two do not overlap, so that their sum takes no logic; bits are cut out of an unscaled word only, see
    `alkaid_operations`.
    """
    scale = float(word._factor)
    plain = word * (1 / scale)
    k, i, f = (int(part) for part in plain.kif)
    low, high = plain.quantize(0, low_bits - f, f), plain.quantize(k, i, f - low_bits)
    return (squared(high) + squared(low) + high * low * 2.0) * scale**2
