"""A rate with an error, and what stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from l1ml.trigger.rates.weighted_fraction import WeightedFraction

__all__ = ["Rate"]


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate in kHz and what stands behind it.

    Parameters
    ----------
    khz : float
        The rate.
    error_khz : float
        One standard deviation; where `is_upper_limit`, the 68.27 % upper limit.
    upper_95_khz : float
        95 % upper limit.
    n_events, n_groups : int
        Raw crossings that pass, and the different generated collisions among them.
    n_effective : float
        Equivalent number of equally weighted, independent crossings.
    is_upper_limit : bool
        True when no crossing of the sample passes: the rate is "below `error_khz`", not zero.
    """

    khz: float
    error_khz: float
    upper_95_khz: float
    n_events: int
    n_groups: int
    n_effective: float
    is_upper_limit: bool

    @classmethod
    def exactly_zero(cls) -> Rate:
        """Rate of what is switched off: zero without an error, not an upper limit."""
        return cls(0.0, 0.0, 0.0, 0, 0, 0.0, is_upper_limit=False)

    @classmethod
    def of(cls, fraction: WeightedFraction, crossing_rate_khz: float) -> Rate:
        """Rate of a `fraction` of crossings that come at `crossing_rate_khz`."""
        return cls(
            fraction.value * crossing_rate_khz,
            fraction.error * crossing_rate_khz,
            fraction.upper_95 * crossing_rate_khz,
            fraction.n_events,
            fraction.n_groups,
            fraction.n_effective,
            fraction.is_upper_limit,
        )

    def to_dict(self, prefix: str = "") -> dict[str, Any]:
        """Plain values for JSON; `prefix` is put before each key ("pure_" gives "pure_rate_khz")."""
        return {
            f"{prefix}rate_khz": self.khz,
            f"{prefix}rate_error_khz": self.error_khz,
            f"{prefix}rate_upper_95_khz": self.upper_95_khz,
            f"{prefix}rate_is_upper_limit": self.is_upper_limit,
            f"{prefix}n_events": self.n_events,
            f"{prefix}n_groups": self.n_groups,
            f"{prefix}n_effective": self.n_effective,
        }
