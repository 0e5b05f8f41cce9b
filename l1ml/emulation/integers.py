"""The network in numpy, exact by construction and fast.

Implementation notes
--------------------
All words are small integers, so a float type carries them exactly as long as no partial sum leaves its mantissa: 24 bits in
float32, 53 in float64. The ranges of `Network.stages` prove which type is enough, and matrix products then run in BLAS. Beyond
53 bits everything is int64. In the float types rounding is ``rint`` (to even), ``floor`` or ``floor(x + 1/2)`` of an exactly
scaled number; formats with other modes go through `FixedPoint.requantize`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from l1ml.emulation.emulator import check_words
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.network import Dense, Network, Operation, Quantise, Scale, Square, Stage

__all__ = ["Carrier", "IntegerEmulator"]

Carrier = Literal["float32", "float64", "int64"]
Array = NDArray[Any]
Step = Callable[[Array], Array]

_MANTISSA: dict[Carrier, int] = {"float32": 24, "float64": 53}
_CHUNK = 8192
_FAST_ROUNDINGS = {Rounding.RND_CONV, Rounding.TRN, Rounding.RND}


class IntegerEmulator:
    """Score words of a `Network`, by numpy alone.

    Parameters
    ----------
    network : Network
        Integer network of a trigger model.

    Attributes
    ----------
    carrier : {"float32", "float64", "int64"}
        Type that carries every word and partial sum without rounding, proven from the formats.
    """

    name = "integers"

    def __init__(self, network: Network) -> None:
        self.input_formats, self.output_format = tuple(network.input_formats), network.output_format
        self.carrier = _carrier_of(network)
        self._steps = tuple(_steps(network, self.carrier))

    def predict(self, words: NDArray[np.integer]) -> NDArray[np.int64]:
        """Score words, shape (n,), of input `words`, shape (n, n_features).

        Raises
        ------
        DataError
            If a word is outside its declared width.
        """
        check_words(words, self.input_formats)
        scores = np.empty(len(words), np.int64)
        for start in range(0, len(words), _CHUNK):
            values = words[start : start + _CHUNK].astype(self.carrier)
            for step in self._steps:
                values = step(values)
            scores[start : start + _CHUNK] = values[:, 0]
        return scores


def _carrier_of(network: Network) -> Carrier:
    """Fastest type whose mantissa holds every word, every partial sum and every half of `network`."""
    magnitude = 0.0
    for operation, before, after in zip(network.operations, network.stages, network.stages[1:], strict=False):
        largest = np.maximum(np.abs(before.low), np.abs(before.high)).astype(np.float64)
        if isinstance(operation, Dense):
            kernel, bias, _ = operation.aligned(before.fractional)
            largest = largest @ np.abs(kernel) + np.abs(bias)
        # `after` of a quantiser is narrower, but a shift to a finer grid inside it is not
        magnitude = max(magnitude, float(largest.max()), float(np.abs(after.low).max()), float(np.abs(after.high).max()))
    for carrier, bits in _MANTISSA.items():
        # one bit is kept for the half that rounding adds
        if magnitude < 2.0 ** (bits - 1):
            return carrier
    return "int64"


def _steps(network: Network, carrier: Carrier) -> Iterator[Step]:
    """One function per operation that does something to the words."""
    for operation, stage in zip(network.operations, network.stages, strict=False):
        step = _step(operation, stage, carrier)
        if step is not None:
            yield step


def _step(operation: Operation, stage: Stage, carrier: Carrier) -> Step | None:
    match operation:
        case Scale():
            factors = operation.align().astype(carrier)
            return lambda values: values * factors
        case Quantise():
            return _quantise(operation.format, stage, carrier)
        case Dense():
            kernel, bias, _ = operation.aligned(stage.fractional)
            return _dense(kernel.astype(carrier), bias.astype(carrier))
        case Square():
            return _square


def _square(values: Array) -> Array:
    return values * values


def _dense(kernel: Array, bias: Array) -> Step:
    if not bias.any():
        return lambda values: values @ kernel

    def step(values: Array) -> Array:
        result = values @ kernel
        result += bias
        return result

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
