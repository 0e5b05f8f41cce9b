"""Resource and timing figures with the tool, version, stage and part that they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from l1ml.errors import ConversionError

__all__ = ["Stage", "SynthesisReport"]

Stage = Literal["estimate", "hls", "synth", "impl"]


@dataclass(frozen=True, slots=True)
class SynthesisReport:
    """Figures of one stage of one tool. A figure that the stage does not give is None, never zero.

    Parameters
    ----------
    stage : {"estimate", "hls", "synth", "impl"}
        A cost model without synthesis; the C compiler's schedule; a netlist; a placed and routed design.
    tool, version, part : str
        What made the figures, and for which device.
    lut, ff, dsp, bram18, uram, carry : int or None
        Cells; `bram18` counts 18 kb blocks (a 36 kb tile is two), `carry` counts CARRY8, a CARRY4 as one half.
    latency_cycles, interval_cycles : int or None
        Clock cycles from input to output, and between two inputs.
    clock_ns : float or None
        Clock period that the design was built for, in ns.
    options : mapping
        Settings that change the figures.

    Raises
    ------
    ConversionError
        If the stage is unknown, or no logic at all is reported: such a report is a failed run.
    """

    stage: Stage
    tool: str
    version: str
    part: str
    lut: int | None = None
    ff: int | None = None
    dsp: int | None = None
    bram18: int | None = None
    uram: int | None = None
    carry: int | None = None
    latency_cycles: int | None = None
    interval_cycles: int | None = None
    clock_ns: float | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.stage not in get_args(Stage):
            msg = f"unknown stage {self.stage!r}; known: {', '.join(get_args(Stage))}"
            raise ConversionError(msg)
        if not any((self.lut, self.ff, self.dsp, self.bram18, self.uram)):
            msg = f"{self.tool} {self.version} reports no logic at all: the design was optimised away (a constant output?)"
            raise ConversionError(msg)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "options": dict(self.options)}
