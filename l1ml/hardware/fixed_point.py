"""Fixed-point number formats: the only place that knows how widths, rounding and overflow work.

Conventions (AMD UG1399, "Arbitrary Precision Fixed-Point Types"): ``ap_fixed<W,I,Q,O>`` has W bits of which I stand before the
binary point, sign bit included; the triple (k, i, f) of hls4ml and alkaid does not count the sign in i, so W = k + i + f and
I = k + i. A *word* is the integer whose value is ``word * 2**-(W - I)``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l1ml.errors import ConfigError, DataError

__all__ = ["FixedPoint", "Overflow", "Rounding"]


class Rounding(StrEnum):
    """What happens to bits below the last one kept."""

    TRN = "AP_TRN"
    TRN_ZERO = "AP_TRN_ZERO"
    RND = "AP_RND"
    RND_ZERO = "AP_RND_ZERO"
    RND_MIN_INF = "AP_RND_MIN_INF"
    RND_INF = "AP_RND_INF"
    RND_CONV = "AP_RND_CONV"


class Overflow(StrEnum):
    """What happens to a value above the largest or below the smallest word."""

    WRAP = "AP_WRAP"
    SAT = "AP_SAT"
    SAT_ZERO = "AP_SAT_ZERO"
    SAT_SYM = "AP_SAT_SYM"


_PATTERN = re.compile(r"ap_(u?)fixed<\s*(\d+)\s*,\s*(-?\d+)\s*(?:,\s*(\w+)\s*)?(?:,\s*(\w+)\s*)?(?:,\s*0\s*)?>")
_MAX_WIDTH = 62
"""Words live in int64; one bit is the sign and one is kept for the carry of a rounding."""


@dataclass(frozen=True, slots=True)
class FixedPoint:
    """A number format, in the order of ``ap_fixed<W,I,Q,O>``.

    Parameters
    ----------
    width : int
        Bits of the word, 1 to 62, sign bit included.
    integer : int
        Bits before the binary point, sign bit included; may be negative or exceed `width`.
    signed : bool
        Two's complement if true.
    rounding, overflow : Rounding, Overflow
        Defaults are those of ``ap_fixed``: truncate and wrap.

    Raises
    ------
    ConfigError
        If the width is not supported.

    Examples
    --------
    >>> score = FixedPoint.parse("ap_fixed<8,4,AP_RND_CONV,AP_SAT>")
    >>> score.to_words([0.03125, 0.09375, 100.0])
    array([  0,   2, 127])
    >>> score.kif
    (1, 3, 4)
    """

    width: int
    integer: int
    signed: bool = True
    rounding: Rounding = Rounding.TRN
    overflow: Overflow = Overflow.WRAP

    def __post_init__(self) -> None:
        if not 1 <= self.width <= _MAX_WIDTH:
            msg = f"a fixed-point word has 1 to {_MAX_WIDTH} bits, received width={self.width}"
            raise ConfigError(msg)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Format from C++ text such as ``ap_ufixed<18,14,AP_RND_CONV,AP_SAT>``.

        Raises
        ------
        ConfigError
            If the text is no such type or names a mode that l1ml has not (AP_WRAP_SM, saturated wrap bits).
        """
        match = _PATTERN.fullmatch(text.strip())
        if match is None:
            msg = f"cannot read {text!r} as a number format; write ap_fixed<W,I,Q,O> or ap_ufixed<W,I,Q,O>"
            raise ConfigError(msg)
        unsigned, width, integer, rounding, overflow = match.groups()
        return cls(
            int(width),
            int(integer),
            not unsigned,
            _mode(Rounding, rounding, Rounding.TRN),
            _mode(Overflow, overflow, Overflow.WRAP),
        )

    @classmethod
    def from_kif(
        cls,
        k: int,
        i: int,
        f: int,
        rounding: Rounding = Rounding.TRN,
        overflow: Overflow = Overflow.WRAP,
    ) -> Self:
        """Format from the triple (keep_negative, integer bits without sign, fractional bits)."""
        return cls(int(k) + i + f, int(k) + i, bool(k), rounding, overflow)

    def __str__(self) -> str:
        sign = "" if self.signed else "u"
        return f"ap_{sign}fixed<{self.width},{self.integer},{self.rounding.value},{self.overflow.value}>"

    @property
    def fractional(self) -> int:
        """Bits after the binary point; negative when the last bit is worth more than one."""
        return self.width - self.integer

    @property
    def kif(self) -> tuple[int, int, int]:
        """The triple (k, i, f) of hls4ml and alkaid."""
        k = int(self.signed)
        return k, self.integer - k, self.fractional

    @property
    def lsb(self) -> float:
        """Value of one count."""
        return float(2.0**-self.fractional)

    @property
    def min_word(self) -> int:
        """Smallest word that a value is stored as; symmetric saturation never stores the most negative one."""
        if not self.signed:
            return 0
        return -(1 << (self.width - 1)) + (self.overflow is Overflow.SAT_SYM)

    @property
    def max_word(self) -> int:
        """Largest word."""
        return (1 << (self.width - self.signed)) - 1

    @property
    def min(self) -> float:
        """Smallest value."""
        return self.min_word * self.lsb

    @property
    def max(self) -> float:
        """Largest value."""
        return self.max_word * self.lsb

    def to_words(self, values: ArrayLike) -> NDArray[np.int64]:
        """Words of real `values` (any shape) after rounding and overflow.

        Raises
        ------
        DataError
            If a value is NaN or infinite.
        """
        scaled = np.asarray(values, dtype=np.float64) * 2.0**self.fractional
        if not np.isfinite(scaled).all():
            msg = f"{int((~np.isfinite(scaled)).sum())} of {scaled.size} values are not finite and have no word in {self}"
            raise DataError(msg)
        floor = np.floor(scaled)
        rest = scaled - floor
        up = _round_up(self.rounding, np.sign(rest - 0.5), rest != 0, np.mod(floor, 2) != 0, scaled < 0)
        return self._bound_real(floor + up)

    def from_words(self, words: ArrayLike) -> NDArray[np.float64]:
        """Values of `words` (any shape); exact up to 53 bits."""
        return np.asarray(words, dtype=np.int64) * np.float64(self.lsb)

    def quantize(self, values: ArrayLike) -> NDArray[np.float64]:
        """Real `values` (any shape) as this format holds them."""
        return self.from_words(self.to_words(values))

    def requantize(self, words: ArrayLike, source: FixedPoint) -> NDArray[np.int64]:
        """Words of this format from `words` of the format `source`, by integer arithmetic alone.

        Raises
        ------
        ConfigError
            If the shift to the finer grid does not fit into 62 bits.
        """
        given = np.asarray(words, dtype=np.int64)
        shift = source.fractional - self.fractional
        if shift <= 0:
            if source.width - shift > _MAX_WIDTH:
                msg = f"{source} -> {self} needs {source.width - shift} bits, more than {_MAX_WIDTH}"
                raise ConfigError(msg)
            return self._bound(given << -shift)
        shift = min(shift, _MAX_WIDTH)
        floor = given >> shift
        rest = given - (floor << shift)
        side = np.sign(rest - (1 << (shift - 1)))
        return self._bound(floor + _round_up(self.rounding, side, rest != 0, floor % 2 != 0, given < 0))

    def contains(self, words: ArrayLike) -> NDArray[np.bool_]:
        """Which of `words` lie inside the declared width."""
        given = np.asarray(words)
        return np.asarray((given >= self.min_word) & (given <= self.max_word))

    def _bound(self, words: NDArray[np.int64]) -> NDArray[np.int64]:
        """`words` after the overflow mode."""
        if self.overflow is Overflow.WRAP:
            low = self.min_word
            return np.asarray(((words - low) & ((1 << self.width) - 1)) + low)
        if self.overflow is Overflow.SAT_ZERO:
            return np.where(self.contains(words), words, 0)
        return np.asarray(np.clip(words, self.min_word, self.max_word))

    def _bound_real(self, counts: NDArray[np.float64]) -> NDArray[np.int64]:
        """Whole `counts`, possibly far beyond 64 bits, after the overflow mode."""
        limit = 2.0**_MAX_WIDTH
        if self.overflow is Overflow.WRAP:
            inside = np.where(np.abs(counts) < limit, counts, np.fmod(counts, 2.0**self.width))
        else:
            inside = np.clip(counts, -limit, limit)
        return self._bound(inside.astype(np.int64))


def _mode(modes: Any, text: str | None, default: Any) -> Any:
    """Member of the enum `modes` written as ``AP_RND`` or ``RND``."""
    if text is None:
        return default
    name = text.removeprefix("AP_")
    if name not in modes.__members__:
        msg = f"unknown mode {text!r}; known: {', '.join(modes.__members__)}"
        raise ConfigError(msg)
    return modes[name]


def _round_up(  # noqa: PLR0911  one return per mode
    rounding: Rounding, side: NDArray[Any], inexact: NDArray[Any], odd: NDArray[Any], negative: NDArray[Any]
) -> NDArray[np.bool_]:
    """Whether to add one to the floor; `side` is the sign of (what was cut off) minus (half a count)."""
    half = side == 0
    above = side > 0
    match rounding:
        case Rounding.TRN:
            return np.zeros_like(above)
        case Rounding.TRN_ZERO:
            return np.asarray(inexact & negative)
        case Rounding.RND:
            return np.asarray(above | half)
        case Rounding.RND_MIN_INF:
            return np.asarray(above)
        case Rounding.RND_ZERO:
            return np.asarray(above | (half & negative))
        case Rounding.RND_INF:
            return np.asarray(above | (half & ~negative))
        case Rounding.RND_CONV:
            return np.asarray(above | (half & odd))
