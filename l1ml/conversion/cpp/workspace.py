"""Where the words of each stage of a network are kept while a block of crossings goes through it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from l1ml.conversion.cpp.integer_type import IntegerType, type_of_stage
from l1ml.errors import ConversionError
from l1ml.model import Network

__all__ = ["Workspace"]

_MOST_BYTES = 2**20
"""Of the stack: a thread of a framework has some megabytes, a core's second cache one or two."""

_MOST_LANES = 32
"""Crossings of a block: four vectors of 16-bit words on any x86, one on AVX-512; more of them were not faster."""


@dataclass(frozen=True)
class Workspace:
    """Arrays of one integer type each; a stage has its place in that of its type until the last operation has read it.

    Parameters
    ----------
    network : Network
        What the words go through.
    """

    network: Network

    @cached_property
    def reached(self) -> tuple[int, ...]:
        """Stages that the score depends on, in order."""
        needed = {len(self.network.nodes)}
        for index in range(len(self.network.nodes), 0, -1):
            if index in needed:
                needed |= set(self.network.nodes[index - 1].sources)
        return tuple(sorted(needed | {0}))

    @cached_property
    def places(self) -> dict[int, int]:
        """First row of each stage in the array of its type."""
        places: dict[int, int] = {}
        for stage in self.reached:
            places[stage] = self._first_gap(stage, places)
        return places

    def _first_gap(self, stage: int, places: dict[int, int]) -> int:
        """Lowest place for `stage` beside those stages of its type that it reads or that something after it reads."""
        kind, size = self.type_of(stage), self.size(stage)
        taken = sorted((places[other], self.size(other)) for other in self._alive(stage) if self.type_of(other) == kind)
        first = 0
        for place, length in taken:
            if first + size <= place:
                break
            first = max(first, place + length)
        return first

    def _alive(self, stage: int) -> Iterator[int]:
        """Stages before `stage` that its operation or a later one reads."""
        return (other for other in self.reached if other < stage <= self._last_reader.get(other, 0))

    @cached_property
    def _last_reader(self) -> dict[int, int]:
        """For each stage the last one that is made from it."""
        return {source: stage for stage in self.reached if stage > 0 for source in self.network.nodes[stage - 1].sources}

    def type_of(self, stage: int) -> IntegerType:
        """Type of the words of `stage`."""
        return type_of_stage(self.network.stages[stage])

    def size(self, stage: int) -> int:
        """Words of `stage` for one crossing."""
        return len(self.network.stages[stage].low)

    @cached_property
    def rows(self) -> dict[IntegerType, int]:
        """Rows of the array of each type."""
        rows: dict[IntegerType, int] = {}
        for stage, place in self.places.items():
            kind = self.type_of(stage)
            rows[kind] = max(rows.get(kind, 0), place + self.size(stage))
        return dict(sorted(rows.items()))

    @property
    def lanes(self) -> int:
        """Crossings of a block: a power of two.

        Raises
        ------
        ConversionError
            If there is no room for a single one.
        """
        lanes = _MOST_LANES
        while lanes * self._bytes_per_lane > _MOST_BYTES:
            lanes //= 2
        if lanes == 0:
            msg = f"one crossing needs {self._bytes_per_lane} bytes, more than the {_MOST_BYTES} of a block; use narrower layers"
            raise ConversionError(msg)
        return lanes

    @property
    def stack_bytes(self) -> int:
        """Bytes of all arrays."""
        return self.lanes * self._bytes_per_lane

    @property
    def _bytes_per_lane(self) -> int:
        return sum(rows * kind.width // 8 for kind, rows in self.rows.items())
