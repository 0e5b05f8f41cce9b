"""Numbers as people read them: with an error, a unit, and "below" where nothing was seen."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, log10
from typing import Any

__all__ = ["count", "percent", "rate", "seconds", "with_error"]

ABSENT = "n/a"
"""What stands where a number does not exist."""


def with_error(value: float, error: float) -> str:
    """`value` and `error`, both rounded to the second significant digit of the error.

    Examples
    --------
    >>> with_error(9.9612, 0.5438), with_error(1234.6, 81.2), with_error(0.07, 0.0)
    ('9.96 ± 0.54', '1235 ± 81', '0.07 ± 0')
    """
    if not error > 0:
        return f"{value:.4g} ± 0"
    digits = max(0, 1 - floor(log10(error)))
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def rate(row: Mapping[str, Any], prefix: str = "") -> str:
    """A rate in kHz from the keys ``<prefix>rate_khz`` and its neighbours.

    Examples
    --------
    >>> rate({"rate_khz": 0.0, "rate_error_khz": 0.21, "rate_upper_95_khz": 0.342, "rate_is_upper_limit": True})
    '< 0.34 (95 % CL)'
    """
    if row[f"{prefix}rate_is_upper_limit"]:
        return f"< {row[f'{prefix}rate_upper_95_khz']:.2g} (95 % CL)"
    return with_error(row[f"{prefix}rate_khz"], row[f"{prefix}rate_error_khz"])


def percent(row: Mapping[str, Any]) -> str:
    """An efficiency in per cent with its two-sided error, from the keys efficiency, low and high.

    Examples
    --------
    >>> percent({"efficiency": 0.1234, "low": 0.12, "high": 0.127})
    '12.34 +0.36 -0.34'
    """
    value, low, high = (100.0 * row[key] for key in ("efficiency", "low", "high"))
    widest = max(high - value, value - low)
    digits = max(0, min(4, 1 - floor(log10(widest)))) if widest > 0 else 2
    return f"{value:.{digits}f} +{high - value:.{digits}f} -{value - low:.{digits}f}"


def count(value: float | None) -> str:
    """A whole number with thousands apart; what does not exist is said to be so.

    Examples
    --------
    >>> count(1728000), count(None)
    ('1,728,000', 'n/a')
    """
    return ABSENT if value is None else f"{value:,.0f}"


def seconds(value: float | None) -> str:
    """A duration.

    Examples
    --------
    >>> seconds(3.21), seconds(372.0)
    ('3.2 s', '6 min 12 s')
    """
    if value is None:
        return ABSENT
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{value:.1f} s"
