"""How a network is turned into firmware: part, clock, and the choices of the two back ends."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import floor
from typing import Any

from l1ml.errors import ConfigError

__all__ = ["ConversionConfig"]

_STRATEGIES = ("latency", "resource")


@dataclass(frozen=True, slots=True)
class ConversionConfig:
    """Choices of a conversion; the table ``[conversion]`` of model.toml.

    Parameters
    ----------
    part : str
        FPGA part as the vendor writes it.
    clock_mhz : float
        Clock of the algorithm; a multiple of the 40 MHz crossing rate for the Global Trigger.
    strategy : {"latency", "resource"}
        How hls4ml builds a dense layer.
    reuse_factor : int
        Multiplications that share one multiplier in hls4ml; 1 accepts a new crossing in every cycle.
    latency_cutoff_ns : float or None
        Longest estimated logic between two registers of the RTL, in ns; None means one clock period.
    clock_uncertainty : float
        Share of the clock period that the RTL constraints keep in reserve.
    adder_depth : int
        Extra adder levels that alkaid may spend over the fastest tree in order to share adders; -1 is no limit.

    Raises
    ------
    ConfigError
        If a value is out of its range.
    """

    part: str = "xcvu13p-flga2577-2-e"
    clock_mhz: float = 240.0
    strategy: str = "latency"
    reuse_factor: int = 1
    latency_cutoff_ns: float | None = None
    clock_uncertainty: float = 0.1
    adder_depth: int = 2

    def __post_init__(self) -> None:
        problems = {
            f"part must be a non-empty name, received {self.part!r}": not self.part,
            f"clock_mhz must be positive, received {self.clock_mhz}": not self.clock_mhz > 0,
            f"strategy must be one of {', '.join(_STRATEGIES)}, received {self.strategy!r}": self.strategy not in _STRATEGIES,
            f"reuse_factor must be at least 1, received {self.reuse_factor}": self.reuse_factor < 1,
            f"latency_cutoff_ns must be positive, received {self.latency_cutoff_ns}": (self.latency_cutoff_ns or 1.0) <= 0,
            f"clock_uncertainty must lie in [0, 1), received {self.clock_uncertainty}": not 0 <= self.clock_uncertainty < 1,
            f"adder_depth must be at least -1, received {self.adder_depth}": self.adder_depth < -1,
        }
        for message, is_wrong in problems.items():
            if is_wrong:
                raise ConfigError(message)

    @property
    def clock_ns(self) -> float:
        """Clock period in ns, rounded down to the picosecond that the vendor tools resolve: never slower than asked."""
        return floor(1e6 / self.clock_mhz) / 1e3

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)
