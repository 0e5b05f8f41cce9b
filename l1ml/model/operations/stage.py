"""Range and grid of the words between two operations, and the limit beyond which int64 could not hold them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint

__all__ = ["Stage", "Words", "check_magnitude"]

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
        return _narrowest(int(self.low.min()), int(self.high.max()), self.fractional)

    @property
    def formats(self) -> tuple[FixedPoint, ...]:
        """Narrowest format of each word."""
        pairs = zip(self.low.tolist(), self.high.tolist(), strict=True)
        return tuple(_narrowest(low, high, self.fractional) for low, high in pairs)

    @property
    def is_constant(self) -> bool:
        """Whether no input whatsoever can change a word of the stage."""
        return bool((self.low == self.high).all())

    @property
    def peak(self) -> float:
        """Largest magnitude of all words."""
        return float(self.largest.max())

    @property
    def largest(self) -> NDArray[np.float64]:
        """Largest magnitude of each word; float, so that a product of two cannot wrap."""
        return np.maximum(np.abs(self.low), np.abs(self.high)).astype(np.float64)

    def on_grid(self, fractional: int, kind: str) -> Stage:
        """The same values on a grid that is at least as fine."""
        shift = fractional - self.fractional
        check_magnitude(self.peak * 2.0**shift, kind)
        return Stage(fractional, self.low << shift, self.high << shift)


def _narrowest(low: int, high: int, fractional: int) -> FixedPoint:
    signed = low < 0
    width = max(max(high.bit_length(), (-low - 1).bit_length() if signed else 0) + signed, 1)
    return FixedPoint(width, width - fractional, signed)


def check_magnitude(largest: float, kind: str) -> None:
    """Refuse an operation whose words or partial sums could leave 62 bits.

    Raises
    ------
    ConversionError
        If `largest` is beyond them.
    """
    if largest >= _LIMIT:
        msg = f"operation {kind!r} could reach {largest:.3g}, beyond 62 bits; use narrower quantisers before it"
        raise ConversionError(msg)
