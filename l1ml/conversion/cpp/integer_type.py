"""The narrowest integer type of C++ that holds a range."""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.errors import ConversionError
from l1ml.model.operations import Stage

__all__ = ["IntegerType", "integer_type", "type_of_stage"]

_WIDTHS = (16, 32, 64)
"""No 8 bits: two conversions for each product cost more than the memory that they save."""


@dataclass(frozen=True, slots=True, order=True)
class IntegerType:
    """A signed integer type of so many bits."""

    width: int

    def __str__(self) -> str:
        return f"std::int{self.width}_t"

    @property
    def largest(self) -> int:
        """Largest value."""
        return int(2 ** (self.width - 1) - 1)

    @property
    def half(self) -> IntegerType:
        """The type of half its width."""
        return IntegerType(self.width // 2)

    @property
    def wide(self) -> bool:
        """Whether it is wider than ``int``, to which C++ promotes every narrower operand."""
        return self.width > 32

    def operand(self, text: str, source: IntegerType) -> str:
        """Expression `text` of the type `source` as an operand of sums and products of this type."""
        return f"{self}{{{text}}}" if self.wide and not source.wide else text

    def cast(self, text: str) -> str:
        """Expression `text`, whose value fits, as this type."""
        return f"static_cast<{self}>({text})"


def integer_type(*values: float) -> IntegerType:
    """Narrowest type that holds all of `values`.

    Raises
    ------
    ConversionError
        If one lies beyond 64 bits.
    """
    for width in _WIDTHS:
        if -(2 ** (width - 1)) <= min(values) and max(values) <= 2 ** (width - 1) - 1:
            return IntegerType(width)
    msg = f"words from {min(values)} to {max(values)} do not fit into 64 bits; use narrower quantisers before them"
    raise ConversionError(msg)


def type_of_stage(stage: Stage) -> IntegerType:
    """Narrowest type that holds every word of `stage`."""
    return integer_type(int(stage.low.min()), int(stage.high.max()))
