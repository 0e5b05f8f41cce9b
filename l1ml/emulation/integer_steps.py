"""Each operation of a network as a function of numpy arrays that carry whole numbers in a chosen type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.carriers import Carrier
from l1ml.hardware import FixedPoint, Rounding
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

__all__ = ["IN_PLACE", "Array", "Step", "step_of"]

Array = NDArray[Any]
Step = Callable[..., Array]

IN_PLACE = Affine | Quantise | Scale

_LONG_ROW = 512
"""Words of a loop of numpy below which its start costs as much as its work."""

_LARGEST_TABLE = 1 << 16
"""Entries of a table that a level-2 cache holds beside the words."""


def step_of(operation: Operation, stages: tuple[Stage, ...], carrier: Carrier, factor: float = 1.0) -> Step:  # noqa: PLR0911  one return per operation
    """Function of the words of `stages`, arrays (n, n_words) of type `carrier`, to the words after `operation`.

    Those of `IN_PLACE` write where they read, and the float kind of `Quantise` takes words that are on its grid already.

    Parameters
    ----------
    operation : Operation
        What to compute.
    stages : tuple of Stage
        What it reads.
    carrier : {"float32", "float64", "int64"}
        Type that is proven to carry it.
    factor : float
        Power of two that the result is multiplied by, in a float type; of operations with constants only.
    """
    match operation:
        case Scale():
            factors = _constants(operation.align(), carrier, factor)
            return _by_columns(np.multiply, factors) if (factors != 1).any() else _unchanged
        case Affine():
            slope, offset, _ = operation.aligned(stages[0].fractional)
            return _affine(_constants(slope, carrier, factor), _constants(offset, carrier, factor))
        case Dense():
            kernel, bias, _ = operation.aligned(stages[0].fractional)
            return _dense(_constants(kernel, carrier, factor), _constants(bias, carrier, factor), operation.positions)
        case Quantise():
            return _quantise(operation.format, stages[0], carrier)
        case Gather(index):
            return _gather(index, len(stages[0].low))
        case Steps():
            return _steps(operation.aligned(stages[0].fractional), operation.values.astype(carrier), stages[0], carrier)
        case Square() | Product():
            return _product
        case Add():
            return _add(_factors(stages), operation.sign)
        case Concatenate():
            return _concatenate(_factors(stages))
        case Absolute():
            return np.abs
        case Maximum():
            return _maximum(operation.groups)
        case ArgMax():
            return _argmax(operation.groups)


def _constants(words: NDArray[np.int64], carrier: Carrier, factor: float) -> Array:
    """Constants in the type `carrier`; a power of two leaves the mantissa of a float as it is."""
    values = words.astype(carrier)
    return values if factor == 1.0 else values * values.dtype.type(factor)


def _factors(stages: tuple[Stage, ...]) -> list[int]:
    """What brings the words of each stage to the finest grid of all."""
    finest = max(stage.fractional for stage in stages)
    return [1 << (finest - stage.fractional) for stage in stages]


def _by_columns(function: np.ufunc, constants: Array) -> Step:
    """``function(values, constants)`` in the place of `values`, which lie row by row or column by column without gaps.

    Short rows are taken several at once.
    """
    if (constants == constants[0]).all():
        return lambda values: np.asarray(function(values, constants[0], out=values))
    rows = max(_LONG_ROW // len(constants), 1)
    tiled = np.tile(constants, rows)

    def step(values: Array) -> Array:
        if not values.flags.c_contiguous:
            function(values.T, constants[:, np.newaxis], out=values.T)
            return values
        whole = len(values) // rows * rows
        for part, given in ((values[:whole].reshape(-1, tiled.size), tiled), (values[whole:], constants)):
            function(part, given, out=part)
        return values

    return step


def _unchanged(values: Array) -> Array:
    return values


def _product(first: Array, second: Array | None = None) -> Array:
    return first * (first if second is None else second)


def _affine(factor: Array, offset: Array) -> Step:
    multiply, add = _by_columns(np.multiply, factor), _by_columns(np.add, offset)
    return lambda values: add(multiply(values))


def _times(values: Array, factor: int) -> Array:
    """`values` on a finer grid."""
    return values if factor == 1 else values * values.dtype.type(factor)


def _add(factors: list[int], sign: int) -> Step:
    combine = np.add if sign > 0 else np.subtract
    return lambda first, second: np.asarray(combine(_times(first, factors[0]), _times(second, factors[1])))


def _concatenate(factors: list[int]) -> Step:
    return lambda *parts: np.concatenate([_times(part, f) for part, f in zip(parts, factors, strict=True)], axis=1)


def _gather(index: NDArray[np.int64], n_words: int) -> Step:
    columns = _transposed(index) if index.size == n_words else None
    if columns is not None:
        return lambda values: values.reshape(len(values), -1, columns).swapaxes(1, 2).reshape(len(values), -1)
    constant = np.flatnonzero(index < 0)

    def step(values: Array) -> Array:
        # np.take finds the last word where the index is -1
        result = np.take(values, index, axis=1, mode="wrap")
        result[:, constant] = 0
        return result

    return step


def _transposed(index: NDArray[np.int64]) -> int | None:
    """Columns of the table that `index` reads column by column, if it does so."""
    columns = int(index[1] - index[0]) if index.size > 1 else 0
    if columns < 2 or index.size % columns:
        return None
    table = np.arange(index.size).reshape(-1, columns)
    return columns if np.array_equal(index, table.T.ravel()) else None


def _maximum(groups: int) -> Step:
    return lambda values: np.asarray(_in_groups(values, groups).max(axis=2))


def _argmax(groups: int) -> Step:
    return lambda values: np.asarray(_in_groups(values, groups).argmax(axis=2), values.dtype)


def _in_groups(values: Array, groups: int) -> Array:
    return values.reshape(len(values), groups, -1)


def _steps(thresholds: NDArray[np.int64], levels: Array, stage: Stage, carrier: Carrier) -> Step:
    """Levels by a table of all words where that is small: ten times as fast as a search, whatever the number of thresholds."""
    low, high = int(stage.low.min()), int(stage.high.max())
    if high - low >= _LARGEST_TABLE:
        limits = thresholds.astype(carrier)
        return lambda values: levels[np.searchsorted(limits, values, side="right")]
    table = levels[np.searchsorted(thresholds, np.arange(low, high + 1), side="right")]

    def step(values: Array) -> Array:
        places = values.astype(np.intp)
        places -= low
        return np.take(table, places)

    return step


def _dense(kernel: Array, bias: Array, positions: int) -> Step:
    n_in, n_out = kernel.shape
    add = _by_columns(np.add, np.tile(bias, positions)) if bias.any() else None

    def step(values: Array) -> Array:
        if positions == 1 and not values.flags.c_contiguous:
            result = (kernel.T @ values.T).T
        else:
            result = (values.reshape(-1, n_in) @ kernel).reshape(-1, positions * n_out)
        return result if add is None else add(result)

    return step


def _quantise(target: FixedPoint, stage: Stage, carrier: Carrier) -> Step:
    """Rounding and saturation; of floats that were multiplied by ``2**(target.fractional - stage.fractional)`` before."""
    if carrier == "int64":
        return lambda values: target.requantize(values, stage.format)
    low, high = float(target.min_word), float(target.max_word)
    fine = stage.fractional - target.fractional
    saturates = _saturates(target, stage)

    def step(values: Array) -> Array:
        if fine > 0:
            if target.rounding is Rounding.RND_CONV:
                np.rint(values, out=values)
            else:
                if target.rounding is Rounding.RND:
                    values += values.dtype.type(0.5)
                np.floor(values, out=values)
        if saturates:
            np.clip(values, low, high, out=values)
        return values

    return step


def _saturates(target: FixedPoint, stage: Stage) -> bool:
    """Whether a word of `stage` can be beyond the ends of `target`, whichever way it is rounded."""
    fine = stage.fractional - target.fractional
    low, high = int(stage.low.min()), int(stage.high.max())
    ends = (low << -fine, high << -fine) if fine <= 0 else (low >> fine, (high >> fine) + 1)
    return not target.min_word <= ends[0] <= ends[1] <= target.max_word
