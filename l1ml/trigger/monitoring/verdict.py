"""OK, LOOK or ALARM: one line for a shifter, and the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.errors import ConfigError

__all__ = ["Limits", "Status", "Verdict", "holm"]


class Status(StrEnum):
    """What a shifter does: nothing, look when there is time, act."""

    OK = "OK"
    LOOK = "LOOK"
    ALARM = "ALARM"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is an alarm.

    Parameters
    ----------
    false_alarms : float
        Probability of one false alarm or more by drift where nothing drifts, and of one or more by seeds that mismatch no more
        than `allowed`; between 0 and 1.
    allowed : float
        Share of a seed's firings that may mismatch, 0 or more and below 1. With 0 a single mismatch is an alarm: emulation and
        hardware are the same integers. More is for known differences; then a seed alarms where its mismatches are too many for
        that share.

    Raises
    ------
    ConfigError
        If a value is out of its range.
    """

    false_alarms: float = 0.01
    allowed: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.false_alarms < 1:
            msg = f"the probability of a false alarm must be between 0 and 1, received {self.false_alarms}"
            raise ConfigError(msg)
        if not 0 <= self.allowed < 1:
            msg = f"the share of mismatches that is allowed must be 0 or more and below 1, received {self.allowed}"
            raise ConfigError(msg)

    def too_many(self, mismatches: NDArray[np.int64], firings: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Seeds with more mismatches than are allowed, at `false_alarms` for all of them (Holm), shape (n_seeds,)."""
        if not self.allowed:
            return mismatches > 0
        tail = require("scipy.special").bdtrc
        p_values = np.where(mismatches > 0, tail(np.maximum(mismatches - 1, 0), np.maximum(firings, 1), self.allowed), 1.0)
        return holm(p_values) <= self.false_alarms


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer.

    Parameters
    ----------
    status : Status
        OK, LOOK or ALARM.
    reasons : tuple of str
        Why it is not OK, gravest first.
    summary : str
        What was compared, where there is no reason to worry.
    """

    status: Status
    reasons: tuple[str, ...]
    summary: str

    @classmethod
    def of(cls, alarms: Sequence[str], looks: Sequence[str], summary: str) -> Verdict:
        """The verdict that these reasons make."""
        status = Status.ALARM if alarms else Status.LOOK if looks else Status.OK
        return cls(status, (*alarms, *looks), summary)

    @property
    def headline(self) -> str:
        """One line."""
        more = f" (and {len(self.reasons) - 1} more)" if len(self.reasons) > 1 else ""
        return f"{self.status}: {self.reasons[0] if self.reasons else self.summary}{more}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"status": str(self.status), "headline": self.headline, "reasons": list(self.reasons), "summary": self.summary}


def holm(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """P-values adjusted for their number by Holm's step-down (Scand. J. Statist. 6 (1979) 65).

    Examples
    --------
    >>> holm(np.array([0.01, 0.5, 0.02])).tolist()
    [0.03, 0.5, 0.04]
    """
    n = len(p_values)
    order = np.argsort(p_values, kind="stable")
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(np.maximum.accumulate(p_values[order] * np.arange(n, 0, -1)), 1.0)
    return adjusted
