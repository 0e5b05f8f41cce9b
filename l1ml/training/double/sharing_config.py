"""What a recipe says about the tables that make two independent scores of two reconstruction errors."""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.errors import ConfigError

__all__ = ["SharingConfig"]


@dataclass(frozen=True, slots=True)
class SharingConfig:
    """Sizes of what stands behind both errors, see `l1ml.training.double.sharing_tables`.

    Parameters
    ----------
    levels : int
        Values that a score can have above the smaller one of both.
    level : float
        Distance between them, in units of an e-fold of rarity; a multiple of 1/16.
    rarity_bits : int
        Bits behind the point of the rarity of the sum, in the same unit.
    strata_bits : int
        Bits behind the point of the rarity that the tables of quantiles are read by.

    Raises
    ------
    ConfigError
        If a value is out of its range, or the last level is lower than the rarity of one crossing in two hundred: both scores
        would depend on each other above it.
    """

    levels: int = 24
    level: float = 0.125
    rarity_bits: int = 8
    strata_bits: int = 4

    def __post_init__(self) -> None:
        if not 1 <= self.strata_bits <= 4 or not self.strata_bits <= self.rarity_bits <= 8:
            received = f"strata_bits = {self.strata_bits} and rarity_bits = {self.rarity_bits}"
            msg = f"sharing: strata_bits is 1 to 4, rarity_bits not less and at most 8; received {received}"
            raise ConfigError(msg)
        if not self.level > 0 or self.level * 16 % 1 or not self.levels * self.level >= _REACH:
            received = f"levels = {self.levels}, level = {self.level}"
            msg = f"sharing: level is a positive multiple of 1/16, and all levels together reach {_REACH}; received {received}"
            raise ConfigError(msg)


_REACH = 2.75
"""A little more than -log(0.005) / 2, where both thresholds of a background efficiency of 0.5 % stand."""
