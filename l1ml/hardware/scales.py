"""Physical quantities and the integer words that carry them on the trigger links."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l1ml.errors import ConfigError
from l1ml.hardware.fixed_point import FixedPoint

__all__ = ["HardwareScale"]

_ROUND = {"floor": np.floor, "ceil": np.ceil, "nearest": np.rint}


@dataclass(frozen=True, slots=True)
class HardwareScale:
    """Linear scale of one field of a trigger object: ``word = physical / lsb + offset``.

    Parameters
    ----------
    lsb : float
        Physical value of one count, in `unit`; must be positive.
    n_bits : int
        Width of the word, sign bit included.
    signed : bool
        Whether the word is two's complement.
    unit : str
        Unit of the physical value, empty for a pure number.
    offset : int
        Word of the physical value zero. The muon pt has offset 1, because word 0 means "no muon".

    Notes
    -----
    A threshold ``x >= cut`` keeps its meaning on words only when the cut is rounded up, and ``x <= cut`` only when it is
    rounded down; hence `to_hw` asks for the direction.

    Examples
    --------
    >>> pt = HardwareScale(lsb=0.5, n_bits=9, unit="GeV")
    >>> pt.to_hw([22.1, 1e6], "ceil")
    array([ 45, 511])
    >>> pt.to_physical(45)
    np.float64(22.5)
    """

    lsb: float
    n_bits: int
    signed: bool = False
    unit: str = ""
    offset: int = 0

    def __post_init__(self) -> None:
        if not self.lsb > 0:
            msg = f"lsb must be positive, received {self.lsb!r}"
            raise ConfigError(msg)

    @property
    def format(self) -> FixedPoint:
        """The word as an integer number format."""
        return FixedPoint(self.n_bits, self.n_bits, self.signed)

    @property
    def max_word(self) -> int:
        """Largest word."""
        return self.format.max_word

    @property
    def min_word(self) -> int:
        """Smallest word."""
        return self.format.min_word

    def to_hw(self, values: ArrayLike, rounding: Literal["floor", "ceil", "nearest"]) -> NDArray[np.int64]:
        """Words for physical `values` (any shape, in `unit`), saturated to the word's range."""
        counts = _ROUND[rounding](np.asarray(values, dtype=np.float64) / self.lsb) + self.offset
        return np.asarray(np.clip(counts, self.min_word, self.max_word), dtype=np.int64)

    def to_physical(self, words: ArrayLike) -> NDArray[np.float64]:
        """Physical values of `words` (any shape), in `unit`."""
        return (np.asarray(words) - self.offset) * np.float64(self.lsb)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)
