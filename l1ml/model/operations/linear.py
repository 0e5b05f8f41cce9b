"""Operations that shift, multiply by constants and add: exact, at full precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.model.operations.stage import Stage, Words, check_magnitude

__all__ = ["Affine", "Dense", "Scale"]


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Read each word as ``word * 2**-shift``: wires only."""

    shift: Words

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation."""
        factor = self.align()
        check_magnitude(float((stage.largest * factor).max()), "scale")
        return Stage(stage.fractional + int(self.shift.max()), stage.low * factor, stage.high * factor)

    def peak(self, stage: Stage) -> float:
        """Largest magnitude of any partial sum."""
        return stage.peak

    def align(self) -> Words:
        """Factors that bring all words to the grid of the finest one."""
        check_magnitude(2.0 ** int(self.shift.max() - self.shift.min()), "scale")
        return np.asarray(np.left_shift(1, self.shift.max() - self.shift), dtype=np.int64)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "scale", "shift": self.shift.tolist()}


def _aligned(fractional: int, factor: tuple[Words, int], offset: tuple[Words, int]) -> tuple[Words, Words, int]:
    """Factors, offsets and fractional bits of ``word * factor + offset`` on one grid."""
    product = fractional + factor[1]
    common = max(product, offset[1]) if offset[0].any() else product
    for (words, _), shift in ((factor, common - product), (offset, max(common - offset[1], 0))):
        # before the shift: what leaves 64 bits comes back as zero
        check_magnitude(float(np.abs(words).max(initial=0)) * 2.0**shift, "constants on one grid")
    return factor[0] << (common - product), offset[0] << max(common - offset[1], 0), common


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """``word * factor + offset``, element by element; factor and offset of shape (n,), each with its fractional bits."""

    factor: Words
    factor_fractional: int
    offset: Words
    offset_fractional: int

    def aligned(self, fractional: int) -> tuple[Words, Words, int]:
        """Factor, offset and fractional bits of the result, for inputs with `fractional` bits; all on one grid."""
        return _aligned(fractional, (self.factor, self.factor_fractional), (self.offset, self.offset_fractional))

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation."""
        factor, offset, fractional = self.aligned(stage.fractional)
        check_magnitude(self.peak(stage), "affine")
        ends = np.stack([stage.low * factor, stage.high * factor])
        return Stage(fractional, ends.min(axis=0) + offset, ends.max(axis=0) + offset)

    def peak(self, stage: Stage) -> float:
        """Largest magnitude of any partial sum."""
        factor, offset, _ = self.aligned(stage.fractional)
        return float((stage.largest * np.abs(factor) + np.abs(offset)).max())

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {
            "kind": "affine",
            "factor": self.factor.tolist(),
            "factor_fractional": self.factor_fractional,
            "offset": self.offset.tolist(),
            "offset_fractional": self.offset_fractional,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """``words @ kernel + bias`` at full precision; kernel (n_in, n_out), bias (n_out,), each with its fractional bits.

    With several `positions` the row holds n_in words for each, one position after the other, and all meet the same kernel.
    """

    kernel: Words
    kernel_fractional: int
    bias: Words
    bias_fractional: int
    positions: int = 1

    def aligned(self, fractional: int) -> tuple[Words, Words, int]:
        """Kernel, bias and fractional bits of the accumulator, for inputs with `fractional` bits; all on one grid."""
        return _aligned(fractional, (self.kernel, self.kernel_fractional), (self.bias, self.bias_fractional))

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation."""
        kernel, bias, fractional = self.aligned(stage.fractional)
        check_magnitude(self.peak(stage), "dense")
        positive, negative = np.maximum(kernel, 0), np.minimum(kernel, 0)
        least, most = (words.reshape(self.positions, -1) for words in (stage.low, stage.high))
        low = least @ positive + most @ negative + bias
        high = most @ positive + least @ negative + bias
        return Stage(fractional, low.ravel(), high.ravel())

    def peak(self, stage: Stage) -> float:
        """Largest magnitude of any partial sum."""
        kernel, bias, _ = self.aligned(stage.fractional)
        return float((stage.largest.reshape(self.positions, -1) @ np.abs(kernel) + np.abs(bias)).max())

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {
            "kind": "dense",
            "kernel": self.kernel.tolist(),
            "kernel_fractional": self.kernel_fractional,
            "bias": self.bias.tolist(),
            "bias_fractional": self.bias_fractional,
            # left out where there is one, so that networks of before positions keep their digest
            **({} if self.positions == 1 else {"positions": self.positions}),
        }
