"""An integer network while it is put together, with the range of every stage at hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from l1ml.hardware import FixedPoint
from l1ml.model.network import Network
from l1ml.model.operations import Operation, Stage

__all__ = ["NetworkBuilder"]


class NetworkBuilder:
    """Collects operations; stage 0 is the input, and `add` gives the number of the stage after an operation."""

    def __init__(self, input_formats: Sequence[FixedPoint]) -> None:
        self._formats = tuple(input_formats)
        words = [np.array([getattr(item, side) for item in self._formats], np.int64) for side in ("min_word", "max_word")]
        self.stages = [Stage(0, *words)]
        self._operations: list[Operation] = []
        self._sources: list[tuple[int, ...]] = []
        self._names: list[str] = []

    def add(self, name: str, operation: Operation, *sources: int) -> int:
        """Append `operation` on the stages `sources`; a name that is taken gets a number."""
        self.stages.append(operation.bound(*(self.stages[index] for index in sources)))
        self._operations.append(operation)
        self._sources.append(sources)
        self._names.append(self._free(name))
        return len(self._operations)

    def _free(self, name: str) -> str:
        taken = sum(other == name or other.startswith(f"{name}_part") for other in self._names)
        return f"{name}_part{taken}" if taken else name

    def size(self, stage: int) -> int:
        """Number of words of a stage."""
        return len(self.stages[stage].low)

    def build(self) -> Network:
        """The network so far; its last operation gives the score."""
        return Network(self._formats, tuple(self._operations), tuple(self._sources), tuple(self._names))
