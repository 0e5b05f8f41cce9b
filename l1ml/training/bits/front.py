"""The networks that a training passed and that no other one beats in both respects: quality and cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError

__all__ = ["BitsPoint", "ParetoFront"]


@dataclass(frozen=True, slots=True, eq=False)
class BitsPoint:
    """A network after `epoch` (from 1): quality on the validation sample, more being better, EBOPs once frozen, weights."""

    epoch: int
    quality: float
    bit_operations: float
    weights: list[Any] = field(repr=False)

    def beats(self, other: BitsPoint) -> bool:
        """Whether this one is at least as good and at most as dear."""
        return self.quality >= other.quality and self.bit_operations <= other.bit_operations


@dataclass(slots=True)
class ParetoFront:
    """Points in rising order of cost, and of every epoch the loss, prices included, and the second figure of its task."""

    points: list[BitsPoint] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    watched: list[float] = field(default_factory=list)

    def offer(self, point: BitsPoint) -> None:
        """Take `point` in and drop what it beats, unless one that is there beats it."""
        if any(item.beats(point) for item in self.points):
            return
        kept = [item for item in self.points if not point.beats(item)]
        self.points = sorted([*kept, point], key=lambda item: item.bit_operations)

    def best_within(self, bit_operations: float) -> BitsPoint:
        """The best network of at most so many effective bit operations.

        Raises
        ------
        DataError
            If all of them are dearer.
        """
        found = [item for item in self.points if item.bit_operations <= bit_operations]
        if not found:
            least = min((item.bit_operations for item in self.points), default=float("nan"))
            msg = (
                f"no network within {bit_operations:.0f} effective bit operations; the smallest has {least:.0f}: raise last_price"
            )
            raise DataError(msg)
        return max(found, key=lambda item: item.quality)

    def arrays(self) -> list[NDArray[Any]]:
        """All of it, for `of_arrays`."""
        numbers = [[item.epoch, item.quality, item.bit_operations] for item in self.points]
        weights = [np.asarray(values) for item in self.points for values in item.weights]
        return [np.array([self.losses, self.watched]), np.array(numbers), *weights]

    @classmethod
    def of_arrays(cls, arrays: Sequence[NDArray[Any]]) -> ParetoFront:
        """The front that gave `arrays`."""
        (losses, watched), numbers, *weights = arrays
        each = len(weights) // len(numbers)
        points = [
            BitsPoint(int(epoch), float(quality), float(cost), weights[i * each : (i + 1) * each])
            for i, (epoch, quality, cost) in enumerate(numbers)
        ]
        return cls(points, losses.tolist(), watched.tolist())
