"""Operations that choose among the words of a crossing: in another order, the largest ones, and their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.model.operations.stage import Stage, Words

__all__ = ["ArgMax", "Gather", "Maximum"]


@dataclass(frozen=True, slots=True, eq=False)
class Gather:
    """Word i of the result is word ``index[i]`` of the source, or the constant zero where the index is -1: wires only."""

    index: Words

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation."""
        # a zero behind the last word is what the index -1 finds
        low, high = (np.append(words, 0)[self.index] for words in (stage.low, stage.high))
        return Stage(stage.fractional, low, high)

    def peak(self, stage: Stage) -> float:
        """Largest magnitude of any partial sum."""
        return stage.peak

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "gather", "index": self.index.tolist()}


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """The largest word of each of `groups` equal parts of the row."""

    groups: int = 1

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation."""
        low, high = (words.reshape(self.groups, -1).max(axis=1) for words in (stage.low, stage.high))
        return Stage(stage.fractional, low, high)

    def peak(self, stage: Stage) -> float:
        """Largest magnitude of any partial sum."""
        return stage.peak

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "maximum"} if self.groups == 1 else {"kind": "maximum", "groups": self.groups}


@dataclass(frozen=True, slots=True, eq=False)
class ArgMax:
    """Place of the largest word in each of `groups` equal parts of the row, from 0, the first one of several equal ones."""

    groups: int = 1

    def bound(self, stage: Stage) -> Stage:
        """Range after the operation: the places that can win."""
        low, high = (words.reshape(self.groups, -1) for words in (stage.low, stage.high))
        can_win = high >= low.max(axis=1, keepdims=True)
        first, last = can_win.argmax(axis=1), can_win.shape[1] - 1 - can_win[:, ::-1].argmax(axis=1)
        return Stage(0, first.astype(np.int64), last.astype(np.int64))

    def peak(self, stage: Stage) -> float:
        """Largest magnitude of any partial sum."""
        return max(stage.peak, float(len(stage.low) // self.groups))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON and HDF5."""
        return {"kind": "argmax"} if self.groups == 1 else {"kind": "argmax", "groups": self.groups}
