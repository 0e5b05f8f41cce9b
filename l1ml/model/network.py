"""A quantised network as integers: what the firmware computes, without Keras.

Every operation maps integer words to integer words exactly. `Network.stages` follows the smallest and largest word and the
number of fractional bits through the operations, which proves how wide each accumulator is and what the output format must be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError, SchemaError
from l1ml.hardware import FixedPoint, Overflow
from l1ml.storage import digest_of

__all__ = ["Dense", "Network", "Operation", "Quantise", "Scale", "Square", "Stage"]

Words = NDArray[np.int64]

_LIMIT = 2.0**61


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """Range of the words between two operations: value = word * 2**-fractional, low <= word <= high, each of shape (n,)."""

    fractional: int
    low: Words
    high: Words

    @property
    def format(self) -> FixedPoint:
        """Narrowest format that holds every word of the stage."""
        low, high = int(self.low.min()), int(self.high.max())
        signed = low < 0
        width = max(high.bit_length(), (-low - 1).bit_length() if signed else 0) + signed
        return FixedPoint(max(width, 1), max(width, 1) - self.fractional, signed)


def _largest(stage: Stage) -> NDArray[np.float64]:
    """Largest magnitude of each word; float, so that a product of two cannot wrap."""
    return np.maximum(np.abs(stage.low), np.abs(stage.high)).astype(np.float64)


def _check_magnitude(largest: float, kind: str) -> None:
    """Refuse an operation whose words or partial sums could leave 62 bits."""
    if largest >= _LIMIT:
        msg = f"operation {kind!r} could reach {largest:.3g}, beyond 62 bits; use narrower quantisers before it"
        raise ConversionError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Read each word as ``word * 2**-shift``: wires only."""

    shift: Words

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation."""
        factor = self.align()
        _check_magnitude(float((_largest(stage) * factor).max()), "scale")
        return Stage(stage.fractional + int(self.shift.max()), stage.low * factor, stage.high * factor)

    def align(self) -> Words:
        """Factors that bring all words to the grid of the finest one."""
        return np.asarray(np.left_shift(1, self.shift.max() - self.shift), dtype=np.int64)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "scale", "shift": self.shift.tolist()}


@dataclass(frozen=True, slots=True, eq=False)
class Quantise:
    """Round and saturate to `format`; a rectifier is the unsigned, saturating case."""

    format: FixedPoint

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation."""
        low, high = (self.format.requantize(words, stage.format) for words in (stage.low, stage.high))
        if self.format.overflow in {Overflow.WRAP, Overflow.SAT_ZERO}:
            # beyond the range these modes are not monotonic: any word may come out
            low, high = np.full_like(low, self.format.min_word), np.full_like(high, self.format.max_word)
        return Stage(self.format.fractional, low, high)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "quantise", "format": str(self.format)}


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """``words @ kernel + bias`` at full precision; kernel (n_in, n_out), bias (n_out,), each with its fractional bits."""

    kernel: Words
    kernel_fractional: int
    bias: Words
    bias_fractional: int

    def aligned(self, fractional: int) -> tuple[Words, Words, int]:
        """Kernel, bias and fractional bits of the accumulator, for inputs with `fractional` bits; all on one grid."""
        product = fractional + self.kernel_fractional
        common = max(product, self.bias_fractional) if self.bias.any() else product
        return self.kernel << (common - product), self.bias << max(common - self.bias_fractional, 0), common

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation."""
        kernel, bias, fractional = self.aligned(stage.fractional)
        _check_magnitude(float((_largest(stage) @ np.abs(kernel) + np.abs(bias)).max()), "dense")
        positive, negative = np.maximum(kernel, 0), np.minimum(kernel, 0)
        low = stage.low @ positive + stage.high @ negative + bias
        high = stage.high @ positive + stage.low @ negative + bias
        return Stage(fractional, low, high)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {
            "kind": "dense",
            "kernel": self.kernel.tolist(),
            "kernel_fractional": self.kernel_fractional,
            "bias": self.bias.tolist(),
            "bias_fractional": self.bias_fractional,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Square:
    """Each word times itself."""

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation."""
        _check_magnitude(float(_largest(stage).max()) ** 2, "square")
        ends = np.stack([stage.low**2, stage.high**2])
        low = np.where((stage.low <= 0) & (stage.high >= 0), 0, ends.min(axis=0))
        return Stage(2 * stage.fractional, low, ends.max(axis=0))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "square"}


Operation = Scale | Quantise | Dense | Square


@dataclass(frozen=True, eq=False)
class Network:
    """Operations from the words on the link to the score word.

    Parameters
    ----------
    input_formats : sequence of FixedPoint
        Integer format of each input word.
    operations : sequence of Operation
        In order of computation.
    """

    input_formats: Sequence[FixedPoint]
    operations: Sequence[Operation]

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """Ranges before the first operation and after each one.

        Raises
        ------
        ConversionError
            If an accumulator could exceed 62 bits.
        """
        words = [np.array([getattr(item, side) for item in self.input_formats], np.int64) for side in ("min_word", "max_word")]
        stages = [Stage(0, *words)]
        for operation in self.operations:
            stages.append(operation.bound(stages[-1]))
        return tuple(stages)

    @property
    def output_format(self) -> FixedPoint:
        """Narrowest format of the score word."""
        return self.stages[-1].format

    @property
    def digest(self) -> str:
        """SHA-256 of formats and operations: networks with one digest compute the same words."""
        return digest_of(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "input_formats": [str(item) for item in self.input_formats],
            "operations": [operation.to_dict() for operation in self.operations],
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Network from what `to_dict` gave.

        Raises
        ------
        SchemaError
            If an operation is unknown or incomplete.
        """
        try:
            formats = tuple(FixedPoint.parse(text) for text in content["input_formats"])
            return cls(formats, tuple(_operation(item) for item in content["operations"]))
        except (KeyError, TypeError) as error:
            msg = f"not a network: {error!r}"
            raise SchemaError(msg) from error


def _operation(content: dict[str, Any]) -> Operation:
    """One operation from its plain values."""
    match content["kind"]:
        case "scale":
            return Scale(np.array(content["shift"], np.int64))
        case "quantise":
            return Quantise(FixedPoint.parse(content["format"]))
        case "dense":
            kernel, bias = (np.array(content[name], np.int64) for name in ("kernel", "bias"))
            return Dense(kernel, content["kernel_fractional"], bias, content["bias_fractional"])
        case "square":
            return Square()
        case kind:
            msg = f"unknown operation {kind!r}; this l1ml knows scale, quantise, dense, square"
            raise SchemaError(msg)
