"""Operations that leave precision behind: rounding with saturation, and functions with finitely many steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.hardware import FixedPoint, Overflow
from l1ml.model.operations.stage import Stage, Words, check_magnitude

__all__ = ["Quantise", "Steps"]


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

    def peak(self, stage: Stage) -> float:
        """Largest magnitude of any partial sum."""
        return stage.peak

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "quantise", "format": str(self.format)}


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """A function that is constant between thresholds: the value is ``values[number of thresholds <= word]``.

    Binary, ternary, threshold bits and the true sigmoid of a few bits are all of this kind.

    Parameters
    ----------
    thresholds : ndarray of int64, shape (n,), rising
        With `fractional` bits behind the point.
    values : ndarray of int64, shape (n + 1,)
        With `value_fractional` bits.
    """

    thresholds: Words
    fractional: int
    values: Words
    value_fractional: int

    def aligned(self, fractional: int) -> Words:
        """Thresholds for inputs with `fractional` bits: the first word of that grid that is not below each."""
        shift = fractional - self.fractional
        if shift < 0:
            return -((-self.thresholds) >> -shift)
        check_magnitude(float(np.abs(self.thresholds).max(initial=0)) * 2.0**shift, "steps")
        return self.thresholds << shift

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation: of the values that can be reached."""
        thresholds = self.aligned(stage.fractional)
        first, last = (np.searchsorted(thresholds, ends, side="right") for ends in (stage.low, stage.high))
        reached = [self.values[i : j + 1] for i, j in zip(first, last, strict=True)]
        low, high = (np.array([getattr(item, side)() for item in reached], np.int64) for side in ("min", "max"))
        return Stage(self.value_fractional, low, high)

    def peak(self, stage: Stage) -> float:
        """Largest magnitude of any word or threshold."""
        return max(stage.peak, float(np.abs(self.aligned(stage.fractional)).max(initial=0)))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {
            "kind": "steps",
            "thresholds": self.thresholds.tolist(),
            "fractional": self.fractional,
            "values": self.values.tolist(),
            "value_fractional": self.value_fractional,
        }
