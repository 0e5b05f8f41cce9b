"""How a network is turned into firmware: part, clock, and the choices of the two back ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import floor
from typing import Any

from l1ml.conversion.hls_backends import IO_TYPES, STRATEGIES, find_hls_backend, microchip_family
from l1ml.errors import ConfigError, nearest

__all__ = ["RTL_LANGUAGES", "ConversionConfig", "LayerChoice"]

RTL_LANGUAGES = ("verilog", "vhdl")
_ADDER_TREES = ("area", "latency")


@dataclass(frozen=True, slots=True)
class LayerChoice:
    """What one layer does otherwise than the rest; the table ``[conversion.layers.NAME]`` of model.toml.

    Parameters
    ----------
    strategy : str or None
        How hls4ml builds this layer; None is as all others.
    reuse_factor : int or None
        Multiplications that share one multiplier in this layer; None is as all others.
    """

    strategy: str | None = None
    reuse_factor: int | None = None

    def __post_init__(self) -> None:
        if self.strategy is not None:
            _check_strategy(self.strategy)
        if self.reuse_factor is not None and self.reuse_factor < 1:
            msg = f"reuse_factor must be at least 1, received {self.reuse_factor}"
            raise ConfigError(msg)


_NO_UNCERTAINTY = ("oneapi", "libero")
"""HLS tools whose projects say nothing of a reserve in the clock period."""


def _check_strategy(strategy: str) -> None:
    """Refuse what no back end knows."""
    if strategy in {"distributed_arithmetic", "da"}:
        msg = f"strategy {strategy!r} needs da4ml, which l1ml does not use: the RTL back end (alkaid, its successor) is that"
        raise ConfigError(msg)
    if strategy not in STRATEGIES:
        msg = f"strategy must be one of {', '.join(STRATEGIES)}, received {strategy!r}; {nearest(strategy, STRATEGIES)}"
        raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class ConversionConfig:
    """Choices of a conversion; the table ``[conversion]`` of model.toml.

    Parameters
    ----------
    part : str
        FPGA part as the vendor writes it.
    clock_mhz : float
        Clock of the algorithm; a multiple of the 40 MHz crossing rate for the Global Trigger.
    hls_backend : str
        Tool that the HLS project is for: one of `HLS_BACKENDS`.
    io_type : {"io_parallel", "io_stream"}
        Whether HLS functions hand over whole arrays, or words one transfer at a time through FIFOs.
    strategy : {"latency", "resource", "resource_unrolled"}
        How hls4ml builds a dense layer; not every back end knows all of them.
    reuse_factor : int
        Multiplications that share one multiplier in hls4ml; 1 accepts a new crossing in every cycle.
    layers : mapping of str to LayerChoice
        Layers, by their name in Keras, that hls4ml builds otherwise.
    rtl_language : {"verilog", "vhdl"}
        Language of the RTL project.
    latency_cutoff_ns : float or None
        Longest estimated logic between two registers of the RTL, in ns; None means one clock period.
    stages : int or None
        Pipeline stages of the RTL, whatever the clock; None means as many as `latency_cutoff_ns` asks for.
    clock_uncertainty : float or None
        Share of the clock period that the RTL constraints and the schedule of the HLS tool keep in reserve; None leaves to each
        what is usual: a tenth in RTL, and what hls4ml sets in HLS (Vitis 27 %, Vivado 12.5 %, Catapult nothing).
    adder_depth : int
        Extra adder levels that alkaid may spend over the fastest tree in order to share adders; -1 is no limit.
    adder_trees : {"area", "latency"}
        What trees of adders in the RTL are made for: "area" fuses the pairs of two-input adders that alkaid's solver leaves into
        three-input ones, "latency" builds each tree anew of both kinds, the earliest words first, what is shared left as it is.
    use_dsp : bool
        Whether synthesis may make DSP blocks of the products of two variable words in the RTL; without, they are logic. Squares
        take few or none in either case.
    tool_timeout_s : float
        A vendor's tool that takes longer is stopped.

    Raises
    ------
    ConfigError
        If a value is out of its range.
    """

    part: str = "xcvu13p-flga2577-2-e"
    clock_mhz: float = 240.0
    hls_backend: str = "vitis"
    io_type: str = "io_parallel"
    strategy: str = "latency"
    reuse_factor: int = 1
    layers: Mapping[str, LayerChoice] = field(default_factory=dict)
    rtl_language: str = "verilog"
    latency_cutoff_ns: float | None = None
    stages: int | None = None
    clock_uncertainty: float | None = None
    adder_depth: int = 2
    adder_trees: str = "area"
    use_dsp: bool = False
    tool_timeout_s: float = 12 * 3600.0

    def __post_init__(self) -> None:
        problems = {
            f"part must be a non-empty name, received {self.part!r}": not self.part,
            f"clock_mhz must be positive, received {self.clock_mhz}": not self.clock_mhz > 0,
            f"io_type must be io_parallel or io_stream, received {self.io_type!r}": self.io_type not in IO_TYPES,
            f"rtl_language must be verilog or vhdl, received {self.rtl_language!r}": self.rtl_language not in RTL_LANGUAGES,
            f"reuse_factor must be at least 1, received {self.reuse_factor}": self.reuse_factor < 1,
            f"latency_cutoff_ns must be positive, received {self.latency_cutoff_ns}": (self.latency_cutoff_ns or 1.0) <= 0,
            f"stages must be at least 1, received {self.stages}": self.stages is not None and self.stages < 1,
            "stages and latency_cutoff_ns exclude each other: give one": None not in (self.stages, self.latency_cutoff_ns),
            f"tool_timeout_s must be positive, received {self.tool_timeout_s}": not self.tool_timeout_s > 0,
            f"clock_uncertainty must lie in [0, 1), received {self.clock_uncertainty}": not 0 <= self.rtl_clock_uncertainty < 1,
            f"adder_depth must be at least -1, received {self.adder_depth}": self.adder_depth < -1,
            f"adder_trees must be area or latency, received {self.adder_trees!r}": self.adder_trees not in _ADDER_TREES,
        }
        for message, is_wrong in problems.items():
            if is_wrong:
                raise ConfigError(message)
        self._check_hls()

    def _check_hls(self) -> None:
        """Refuse a part of another vendor, and a strategy that the HLS back end has not, for all layers or for one."""
        backend = find_hls_backend(self.hls_backend)
        if backend.name == "oneapi" and self.part.lower().startswith("xc"):
            msg = f"oneapi builds for devices of Altera and {self.part!r} is one of AMD: name another part, such as 'Agilex7'"
            raise ConfigError(msg)
        if backend.name in _NO_UNCERTAINTY and self.clock_uncertainty is not None:
            msg = f"{backend.name} has no clock_uncertainty, received {self.clock_uncertainty}: leave it out, or raise clock_mhz"
            raise ConfigError(msg)
        if backend.name == "libero":
            microchip_family(self.part)
        choices = {"[conversion]": self.strategy} | {f"layer {name!r}": item.strategy for name, item in self.layers.items()}
        for where, strategy in choices.items():
            if strategy is None:
                continue
            _check_strategy(strategy)
            if strategy not in backend.strategies:
                known = " or ".join(backend.strategies)
                msg = f"{where} asks for strategy {strategy!r}; hls4ml builds dense layers for {backend.name} with {known}"
                raise ConfigError(msg)

    @property
    def clock_ns(self) -> float:
        """Clock period in ns, rounded down to the picosecond that the vendor tools resolve: never slower than asked."""
        return floor(1e6 / self.clock_mhz) / 1e3

    @property
    def rtl_clock_uncertainty(self) -> float:
        """Share of the clock period that the RTL constraints keep in reserve."""
        return 0.1 if self.clock_uncertainty is None else self.clock_uncertainty

    def to_dict(self) -> dict[str, Any]:
        """What decides the projects, as plain values for JSON."""
        return {name: value for name, value in asdict(self).items() if name != "tool_timeout_s"}
