"""One quantity of a generated and of a recorded sample: values with errors, and what can be said about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.reporting.formatting import with_error
from l1ml.trigger.rates import WeightedFraction, WeightedSample

__all__ = ["LISTS", "ComparedSample", "Comparison", "Measured"]

LISTS = ("muon", "egamma", "tau", "jet")
"""Objects of which a crossing has several."""

_FACTOR = 2.0


@dataclass(frozen=True, slots=True)
class Measured:
    """A mean of one sample with its error; where `is_limit`, nothing was seen and `error` is the 68.27 % upper limit."""

    value: float
    error: float
    is_limit: bool = False

    def interval(self) -> tuple[float, float]:
        """Two standard deviations about the value, wider above where few crossings stand behind it (a Poisson number of them)."""
        if self.is_limit or self.value <= 0:
            return 0.0, 2 * self.error
        one = self.error**2 / self.value  # what a single crossing is worth
        return max(0.0, self.value - 2 * self.error + one), self.value + 2 * self.error + 2 * one

    def __str__(self) -> str:
        return f"< {self.error:.2g}" if self.is_limit else with_error(self.value, self.error)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One quantity of both samples.

    Parameters
    ----------
    kind : str
        "objects per crossing", "mean" or "rate".
    quantity : str
        What it is.
    recorded, generated : Measured
        In `unit`.
    unit : str
        "GeV", "kHz" or nothing.
    """

    kind: str
    quantity: str
    recorded: Measured
    generated: Measured
    unit: str = ""

    @property
    def ratio(self) -> float | None:
        """Generated over recorded, where both were seen."""
        seen = not self.recorded.is_limit and self.recorded.value > 0 and not self.generated.is_limit
        return self.generated.value / self.recorded.value if seen else None

    @property
    def verdict(self) -> str:
        """What can be said: "within a factor 2", "off", "none recorded, fits" or "cannot tell".

        "off" needs every value in the interval of two standard deviations of either sample to be off.
        """
        if self.recorded.is_limit and self.generated.interval()[0] <= _FACTOR * self.recorded.error:
            return "none recorded, fits"
        if self.ratio is not None and 1 / _FACTOR <= self.ratio <= _FACTOR:
            return "within a factor 2"
        (low, high), (least, most) = self.recorded.interval(), self.generated.interval()
        return "off" if least > _FACTOR * high or most < low / _FACTOR else "cannot tell"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "ratio": self.ratio, "verdict": self.verdict}


@dataclass(frozen=True, eq=False, slots=True)
class ComparedSample:
    """One side of a comparison.

    Parameters
    ----------
    events : Events
        Its crossings.
    sample : WeightedSample
        Their weights.
    """

    events: Events
    sample: WeightedSample

    @classmethod
    def of(cls, events: Events) -> Self:
        """The side that `events` are."""
        return cls(events, WeightedSample.of(events))

    def gev(self, name: str) -> NDArray[np.float64]:
        """Transverse momentum or energy in each slot, below 0 where there is none, shape (n, slots)."""
        scale = self.events.schema.object(name).field("pt").scale
        pt = scale.to_physical(self.events.collections[name]["hw_pt"])
        return np.where(self.events.valid(name), pt, -1.0) if name in LISTS else pt

    def empty(self, names: Sequence[str]) -> list[str]:
        """Which of the collections `names` hold nothing in any crossing: a file may have words that nobody filled."""
        return [name for name in names if not any(column.any() for column in self.events.collections[name].values())]

    def mean(self, values: NDArray[Any], largest: float, factor: float = 1.0) -> Measured:
        """Weighted mean of `values`, 0 to `largest`, times `factor`; where all are 0, the limit is that of crossings with a 1."""
        found: WeightedFraction = self.sample.fraction(values / largest)
        if found.is_upper_limit:
            return Measured(0.0, found.error * factor, is_limit=True)
        return Measured(found.value * largest * factor, found.error * largest * factor)
