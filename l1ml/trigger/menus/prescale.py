"""Prescales with two decimal digits, as the Global Trigger counts them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from l1ml.errors import ConfigError

__all__ = ["Prescale"]

_DIGITS = 2
_UNITS: int = 10**_DIGITS
_LARGEST = 42_949_672
"""What the 32-bit register of the firmware holds with two decimal digits (mp7_ugt_legacy, fdl_pkg)."""


@dataclass(frozen=True, slots=True, order=True)
class Prescale:
    """A prescale in units of 0.01.

    Parameters
    ----------
    hundredths : int
        0 keeps nothing, 100 keeps everything, 250 keeps two of five; nothing between 0 and 100.

    Examples
    --------
    >>> Prescale.parse("2.5"), str(Prescale(250)), Prescale.parse("1").is_one
    (Prescale(hundredths=250), '2.5', True)
    """

    hundredths: int = _UNITS

    def __post_init__(self) -> None:
        if self.hundredths != 0 and not _UNITS <= self.hundredths <= _LARGEST * _UNITS:
            raise ConfigError(_refusal(str(self)))

    @classmethod
    def parse(cls, text: str) -> Prescale:
        """Prescale written as a decimal number.

        Raises
        ------
        ConfigError
            If it is no number, lies between 0 and 1, is negative, beyond the register or has more than two decimal digits.
        """
        try:
            value = Decimal(text.strip()).scaleb(_DIGITS)
        except InvalidOperation:
            raise ConfigError(_refusal(text)) from None
        if not value.is_finite() or value != value.to_integral_value():
            raise ConfigError(_refusal(text))
        return cls(int(value))

    @property
    def is_one(self) -> bool:
        """Whether every firing is kept."""
        return self.hundredths == _UNITS

    @property
    def is_off(self) -> bool:
        """Whether no firing is kept."""
        return self.hundredths == 0

    @property
    def kept_fraction(self) -> float:
        """Share of the firings that is kept in the long run, 0 to 1."""
        return _UNITS / self.hundredths if self.hundredths else 0.0

    def __str__(self) -> str:
        return f"{Decimal(self.hundredths).scaleb(-_DIGITS).normalize():f}"


def _refusal(text: str) -> str:
    return f"a prescale is 0 (off) or 1 to {_LARGEST} with {_DIGITS} decimal digits at most, received {text!r}"
