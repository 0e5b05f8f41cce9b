"""Latency and interval as one tool measured or predicted them, with its name; resources are in `SynthesisReport`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from l1ml.conversion.synthesis_report import require_clock
from l1ml.errors import ConversionError

__all__ = ["LatencyReport"]


@dataclass(frozen=True, slots=True)
class LatencyReport:
    """Clock cycles that a simulation of the RTL took.

    Parameters
    ----------
    tool, version : str
        Simulator.
    part : str
        Device that the RTL was made for; a simulation has no gate delays.
    min_cycles, max_cycles : int
        Fewest and most cycles from input to output over all inputs.
    average_cycles : float
        Mean over all inputs.
    interval_cycles : int or None
        Most cycles between two inputs; None for a simulation of a single one.
    clock_ns : float
        Period of the clock that the RTL is built for, in ns.

    Raises
    ------
    ConversionError
        If the figures are out of order, or the clock cannot be in ns.
    """

    tool: str
    version: str
    part: str
    min_cycles: int
    average_cycles: float
    max_cycles: int
    interval_cycles: int | None
    clock_ns: float

    def __post_init__(self) -> None:
        require_clock(self.clock_ns, f"{self.tool} {self.version}")
        if not 0 <= self.min_cycles <= self.average_cycles <= self.max_cycles:
            msg = (
                f"{self.tool} {self.version}: latencies of {self.min_cycles}, {self.average_cycles:g} and {self.max_cycles} "
                "cycles are no least, mean and largest one"
            )
            raise ConversionError(msg)
        if self.interval_cycles is not None and self.interval_cycles < 1:
            msg = f"{self.tool} {self.version}: an interval of {self.interval_cycles} cycles is more than one input per cycle"
            raise ConversionError(msg)

    @property
    def max_ns(self) -> float:
        """Largest latency at the declared clock, in ns."""
        return self.max_cycles * self.clock_ns

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "max_ns": self.max_ns}
