"""Operations that choose among the words of a crossing: the largest one, and its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.model.operations.stage import Stage

__all__ = ["ArgMax", "Maximum"]


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """The largest word: one word."""

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation."""
        return Stage(stage.fractional, stage.low.max(keepdims=True), stage.high.max(keepdims=True))

    def peak(self, stage: Stage) -> float:
        """Largest magnitude of any partial sum."""
        return stage.peak

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "maximum"}


@dataclass(frozen=True, slots=True, eq=False)
class ArgMax:
    """Place of the largest word, counted from 0, the first one of several equal ones: one word."""

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation: the places that can win."""
        reachable = np.flatnonzero(stage.high >= stage.low.max())
        return Stage(0, reachable[:1].astype(np.int64), reachable[-1:].astype(np.int64))

    def peak(self, stage: Stage) -> float:
        """Largest magnitude of any partial sum."""
        return max(stage.peak, float(len(stage.low)))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "argmax"}
