"""Numbers of the form word * 2**-fractional, which are all that integer arithmetic can hold."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l1ml.errors import ConversionError

__all__ = ["dyadic_words", "odd_parts", "power_of_two_shift", "refuse"]

_WIDEST = 2.0**40


def refuse(where: str, what: str, instead: str) -> ConversionError:
    """The error that says what `where` holds and what to use instead."""
    return ConversionError(f"{where}: {what} has no fixed-point meaning; use {instead}")


def dyadic_words(values: ArrayLike, where: str) -> tuple[NDArray[np.int64], int]:
    """Words of finite `values` (any shape) on the coarsest grid that holds all of them, and its fractional bits.

    Raises
    ------
    ConversionError
        If the grid is so much finer than the largest value that the words have more than 40 bits.
    """
    given = np.asarray(values, dtype=np.float64)
    filled = given[given != 0]
    if filled.size == 0:
        return np.zeros(given.shape, np.int64), 0
    fractional = int(_fractional(filled).max())
    if np.abs(filled).max() * 2.0**fractional >= _WIDEST:
        what = f"values from {np.abs(filled).min():.3g} to {np.abs(filled).max():.3g} that need more than 40 bits together"
        raise refuse(where, what, "a quantiser of fewer bits or a smaller range of exponents (quantized_po2: fewer bits)")
    return (given * 2.0**fractional).astype(np.int64), fractional


def odd_parts(values: ArrayLike) -> NDArray[np.float64]:
    """The odd whole number in each of `values`: 0.375 = 3/8 gives 3, 0 gives 0."""
    given = np.asarray(values, dtype=np.float64)
    filled = np.where(given == 0, 1.0, given)
    return np.asarray(np.where(given == 0, 0.0, np.abs(filled) * 2.0 ** _fractional(filled)))


def _fractional(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Fewest fractional bits of each of `values`, which are not zero."""
    mantissa, exponent = np.frexp(np.abs(values))
    whole = (mantissa * 2.0**53).astype(np.int64)
    trailing = np.log2((whole & -whole).astype(np.float64)).astype(np.int64)
    return 53 - trailing - exponent


def power_of_two_shift(scale: Any, where: str) -> NDArray[np.int64]:
    """Integers s with ``scale == 2**-s``.

    Raises
    ------
    ConversionError
        If a factor is no power of two.
    """
    factors = np.asarray(scale, dtype=np.float64)
    mantissa, exponent = np.frexp(factors)
    if np.any(mantissa != 0.5):
        raise refuse(where, f"a factor of {factors[mantissa != 0.5].flat[0]}", "powers of two, which are wires in firmware")
    return 1 - exponent.astype(np.int64)
