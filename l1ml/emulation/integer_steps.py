"""Each operation of a network as a function of numpy arrays that carry whole numbers in a chosen type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from l1ml.hardware import FixedPoint, Overflow, Rounding
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

__all__ = ["Array", "Carrier", "Step", "step_of"]

Carrier = Literal["float32", "float64", "int64"]
Array = NDArray[Any]
Step = Callable[..., Array]

_FAST_ROUNDINGS = {Rounding.RND_CONV, Rounding.TRN, Rounding.RND}


def step_of(operation: Operation, stages: tuple[Stage, ...], carrier: Carrier) -> Step:  # noqa: PLR0911  one return per operation
    """Function of the words of `stages`, arrays (n, n_words) of type `carrier`, to the words after `operation`."""
    match operation:
        case Scale():
            return _multiply(operation.align().astype(carrier))
        case Quantise():
            return _quantise(operation.format, stages[0], carrier)
        case Affine():
            factor, offset, _ = operation.aligned(stages[0].fractional)
            return _affine(factor.astype(carrier), offset.astype(carrier))
        case Dense():
            kernel, bias, _ = operation.aligned(stages[0].fractional)
            return _dense(kernel.astype(carrier), bias.astype(carrier), operation.positions)
        case Gather(index):
            return _gather(index)
        case Steps():
            return _steps(operation.aligned(stages[0].fractional).astype(carrier), operation.values.astype(carrier))
        case Square() | Product():
            return _product
        case Add():
            first, second = _factors(stages)
            return _add(first, second * operation.sign)
        case Concatenate():
            return _concatenate(_factors(stages))
        case Absolute():
            return np.abs
        case Maximum():
            return _maximum(operation.groups)
        case ArgMax():
            return _argmax(operation.groups)


def _factors(stages: tuple[Stage, ...]) -> list[int]:
    """What brings the words of each stage to the finest grid of all."""
    finest = max(stage.fractional for stage in stages)
    return [1 << (finest - stage.fractional) for stage in stages]


def _multiply(factors: Array) -> Step:
    return lambda values: values * factors


def _product(first: Array, second: Array | None = None) -> Array:
    return first * (first if second is None else second)


def _affine(factor: Array, offset: Array) -> Step:
    return lambda values: values * factor + offset


def _add(first: int, second: int) -> Step:
    return lambda a, b: a * a.dtype.type(first) + b * b.dtype.type(second)


def _concatenate(factors: list[int]) -> Step:
    return lambda *parts: np.concatenate([part * part.dtype.type(f) for part, f in zip(parts, factors, strict=True)], axis=1)


def _gather(index: NDArray[np.int64]) -> Step:
    constant = np.flatnonzero(index < 0)

    def step(values: Array) -> Array:
        # np.take finds the last word where the index is -1
        result = np.take(values, index, axis=1, mode="wrap")
        result[:, constant] = 0
        return result

    return step


def _maximum(groups: int) -> Step:
    return lambda values: np.asarray(_in_groups(values, groups).max(axis=2))


def _argmax(groups: int) -> Step:
    return lambda values: np.asarray(_in_groups(values, groups).argmax(axis=2), values.dtype)


def _in_groups(values: Array, groups: int) -> Array:
    return values.reshape(len(values), groups, -1)


def _steps(thresholds: Array, levels: Array) -> Step:
    return lambda values: levels[np.searchsorted(thresholds, values, side="right")]


def _dense(kernel: Array, bias: Array, positions: int) -> Step:
    n_in, n_out = kernel.shape
    has_bias = bool(bias.any())

    def step(values: Array) -> Array:
        result = values.reshape(-1, n_in) @ kernel
        if has_bias:
            result += bias
        return result.reshape(-1, positions * n_out)

    return step


def _quantise(target: FixedPoint, stage: Stage, carrier: Carrier) -> Step:
    source = stage.format
    fast = target.rounding in _FAST_ROUNDINGS and target.overflow in {Overflow.SAT, Overflow.SAT_SYM}
    if carrier == "int64" or not fast:
        return lambda values: target.requantize(values.astype(np.int64), source).astype(carrier)
    factor = np.dtype(carrier).type(2.0 ** (target.fractional - stage.fractional))
    low, high = float(target.min_word), float(target.max_word)

    def step(values: Array) -> Array:
        scaled: Array = values * factor
        if target.rounding is Rounding.RND_CONV:
            np.rint(scaled, out=scaled)
        else:
            if target.rounding is Rounding.RND:
                scaled += np.dtype(carrier).type(0.5)
            np.floor(scaled, out=scaled)
        np.clip(scaled, low, high, out=scaled)
        return scaled

    return step
