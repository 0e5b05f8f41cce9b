"""Sums of floating-point numbers without rounding: the same bits in whatever order and parts the numbers come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import frexp, ldexp
from typing import Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError

__all__ = ["ExactSums"]

_BITS, _OFFSET = 32, -31
"""Bits of a digit, and the exponent of digit 0: the first digit of a probability, 1 included, has 32 bits of it."""

_FACTOR_BITS = 18
"""Bits of the digits of numbers that are multiplied."""

_TERMS, _PRODUCTS = 1 << 21, 1 << 17
"""So many digits, and products of two digits of factors, add up in a float64 without rounding."""

_LEAST_EXPONENT = -1000
"""What a number has below the last digit that begins above this is cut off, in each number alone."""


@dataclass(frozen=True, eq=False, slots=True)
class ExactSums:
    """Sums of an array of quantities, as integers of many digits.

    Parameters
    ----------
    digits : ndarray of int64, shape (m, ...)
        Digits of 32 bits, the lowest first; the highest carries the sign.
    lowest : int
        Number of the lowest digit; digit `j` counts in units of ``2^(32 j - 31)``.

    Notes
    -----
    A sum of floating-point numbers depends on their order; one of integers does not.  Every number is cut into digits on one
    grid for all, and digits are added.  (As the reproducible sums of Demmel and Nguyen, IEEE Trans. Comput. 64 (2015) 2060, but
    with all digits that the numbers have.)

    Examples
    --------
    >>> ExactSums.of_entries(np.zeros(3, dtype=np.intp), np.array([1e16, 1.0, -1e16]), 1).floats
    array([1.])
    """

    digits: NDArray[np.int64]
    lowest: int

    @classmethod
    def zeros(cls, *shape: int) -> Self:
        """Sums over nothing."""
        return cls(np.zeros((0, *shape), dtype=np.int64), 0)

    @classmethod
    def of_array(cls, values: NDArray[np.float64]) -> ExactSums:
        """Each of the `values` as a sum of its own."""
        total: ExactSums = cls.zeros(*values.shape)
        for number, digit in _digits(values, _BITS, _OFFSET):
            total = total + cls(digit.astype(np.int64)[None], number)
        return total

    @classmethod
    def of_entries(cls, column: NDArray[np.intp], values: NDArray[np.float64], k: int) -> ExactSums:
        """Sums (k,) of those of the `values` (e,) that belong to each `column` (e,).

        Raises
        ------
        DataError
            If a value is not finite.
        """
        total: ExactSums = cls.zeros(k)
        for first in range(0, values.size, _TERMS):
            part = slice(first, first + _TERMS)
            for number, digit in _digits(values[part], _BITS, _OFFSET):
                sums = np.bincount(column[part], digit, minlength=k)
                total = total + cls(sums.astype(np.int64)[None], number)
        return total

    @classmethod
    def of_products(cls, one: NDArray[np.float64], other: NDArray[np.float64]) -> ExactSums:
        """``sum_g one[a, g] other[b, g]``, shape (a, b)."""
        total: ExactSums = cls.zeros(len(one), len(other))
        for first in range(0, one.shape[1], _PRODUCTS):
            part = slice(first, first + _PRODUCTS)
            right = list(_digits(other[:, part], _FACTOR_BITS, 0))
            for i, factor in _digits(one[:, part], _FACTOR_BITS, 0):
                for j, digit in right:
                    total = total + cls.of_array(np.ldexp(factor @ digit.T, _FACTOR_BITS * (i + j)))
        return total

    def placed(self, rows: NDArray[np.intp], k: int) -> ExactSums:
        """Sums (a, a) as those of the `rows` (a,) and columns of an array (k, k) that is zero elsewhere."""
        digits = np.zeros((len(self.digits), k, k), dtype=np.int64)
        digits[:, rows[:, None], rows] = self.digits
        return ExactSums(digits, self.lowest)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array of sums."""
        return self.digits.shape[1:]

    @property
    def floats(self) -> NDArray[np.float64]:
        """The sums, each rounded once."""
        if not len(self.digits):
            return np.zeros(self.shape)
        flat = self.digits.reshape(len(self.digits), -1).T.tolist()
        exponent = _BITS * self.lowest + _OFFSET
        return np.array([_float(number, exponent) for number in flat], dtype=np.float64).reshape(self.shape)

    def __add__(self, other: ExactSums) -> ExactSums:
        """Sums over both."""
        if not len(other.digits) or not len(self.digits):
            return self if len(self.digits) else other
        lowest = min(self.lowest, other.lowest)
        highest = max(item.lowest + len(item.digits) for item in (self, other))
        digits = np.zeros((highest - lowest, *self.shape), dtype=np.int64)
        for item in (self, other):
            digits[item.lowest - lowest :][: len(item.digits)] += item.digits
        return ExactSums(_carried(digits), lowest)


def _digits(values: NDArray[np.float64], bits: int, offset: int) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Numbers and values of the digits that `values` have, the highest first; whole numbers of the sign of the value."""
    rest, peak = values, float(np.abs(values).max(initial=0.0))
    if not np.isfinite(peak):
        msg = f"a sum of {peak} has no meaning: weights are finite, and so must their squares be"
        raise DataError(msg)
    number = (frexp(peak)[1] - 1 - offset) // bits
    while rest.any() and bits * number + offset > _LEAST_EXPONENT:
        exponent = bits * number + offset
        digit = np.trunc(rest * ldexp(1.0, -exponent))
        rest = rest - digit * ldexp(1.0, exponent)
        yield number, digit
        number -= 1


def _carried(digits: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same sums with 32 bits in every digit but the highest, which has few more."""
    for place in range(len(digits) - 1):
        digits[place + 1] += digits[place] >> _BITS
        digits[place] &= (1 << _BITS) - 1
    if np.abs(digits[-1]).max(initial=0) < 1 << 2 * _BITS - 4:
        return digits
    return np.concatenate([digits[:-1], digits[-1:] & ((1 << _BITS) - 1), digits[-1:] >> _BITS])


def _float(digits: list[int], exponent: int) -> float:
    """The integer with these `digits` times ``2^exponent``; division of integers rounds once."""
    whole = sum(digit << (_BITS * place) for place, digit in enumerate(digits))
    return float(whole << exponent) if exponent > 0 else whole / (1 << -exponent)
