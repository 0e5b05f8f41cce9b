"""Operations that combine words without constants: squares, magnitudes, sums, products and lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.model.operations.stage import Stage, check_magnitude

__all__ = ["Absolute", "Add", "Concatenate", "Product", "Square"]


@dataclass(frozen=True, slots=True, eq=False)
class Square:
    """Each word times itself."""

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation."""
        check_magnitude(stage.peak**2, "square")
        ends = np.stack([stage.low**2, stage.high**2])
        low = np.where((stage.low <= 0) & (stage.high >= 0), 0, ends.min(axis=0))
        return Stage(2 * stage.fractional, low, ends.max(axis=0))

    def peak(self, stage: Stage) -> float:
        """Largest magnitude of any partial sum."""
        return stage.peak**2

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "square"}


@dataclass(frozen=True, slots=True, eq=False)
class Absolute:
    """Magnitude of each word."""

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation."""
        low = np.maximum(np.maximum(stage.low, -stage.high), 0)
        return Stage(stage.fractional, low, np.maximum(-stage.low, stage.high))

    def peak(self, stage: Stage) -> float:
        """Largest magnitude of any partial sum."""
        return stage.peak

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "absolute"}


@dataclass(frozen=True, slots=True, eq=False)
class Add:
    """First words plus `sign` times second words; a single word on one side meets every word of the other."""

    sign: int = 1

    def bound(self, first: Stage, second: Stage) -> Stage:
        """Range after the operation."""
        fractional = max(first.fractional, second.fractional)
        a, b = (stage.on_grid(fractional, "add") for stage in (first, second))
        check_magnitude(a.peak + b.peak, "add")
        ends = (b.low, b.high) if self.sign > 0 else (-b.high, -b.low)
        return Stage(fractional, a.low + ends[0], a.high + ends[1])

    def peak(self, first: Stage, second: Stage) -> float:
        """Largest magnitude of any partial sum."""
        fractional = max(first.fractional, second.fractional)
        return sum(stage.peak * 2.0 ** (fractional - stage.fractional) for stage in (first, second))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "add", "sign": self.sign}


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """First words times second words."""

    def bound(self, first: Stage, second: Stage) -> Stage:
        """Range after the operation."""
        check_magnitude(self.peak(first, second), "product")
        ends = np.stack([x * y for x in (first.low, first.high) for y in (second.low, second.high)])
        return Stage(first.fractional + second.fractional, ends.min(axis=0), ends.max(axis=0))

    def peak(self, first: Stage, second: Stage) -> float:
        """Largest magnitude of any partial sum."""
        return first.peak * second.peak

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "product"}


@dataclass(frozen=True, slots=True, eq=False)
class Concatenate:
    """Words of all sources, one after the other, on the finest of their grids."""

    def bound(self, *stages: Stage) -> Stage:
        """Range after the operation."""
        fractional = max(stage.fractional for stage in stages)
        aligned = [stage.on_grid(fractional, "concatenate") for stage in stages]
        low, high = (np.concatenate([getattr(stage, side) for stage in aligned]) for side in ("low", "high"))
        return Stage(fractional, low, high)

    def peak(self, *stages: Stage) -> float:
        """Largest magnitude of any partial sum."""
        return max(stage.peak for stage in stages)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "concatenate"}
