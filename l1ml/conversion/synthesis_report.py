"""Resource and timing figures with the tool, version, stage and part that they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from l1ml.conversion.spread import spread_of
from l1ml.errors import ConversionError
from l1ml.hardware import device_like

__all__ = ["CLOCK_RANGE_NS", "Stage", "SynthesisReport", "require_clock"]

Stage = Literal["estimate", "hls", "synth", "impl"]

CLOCK_RANGE_NS = (0.5, 100.0)
"""Clock periods that FPGA logic runs at, in ns: outside, the figure is in another unit (ps, us, MHz)."""

_COUNTS = ("lut", "ff", "dsp", "bram18", "uram", "carry")


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
    slack_ns, hold_slack_ns : float or None
        Worst setup slack (WNS) and worst hold slack (WHS), in ns; a negative one means that the clock is not met.
    options : mapping
        Settings that change the figures.

    Raises
    ------
    ConversionError
        If the stage is unknown, no logic at all is reported (such a report is a failed run), there are more cells than the
        part has, or a clock or slack cannot be in ns.
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
    slack_ns: float | None = None
    hold_slack_ns: float | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.stage not in get_args(Stage):
            msg = f"unknown stage {self.stage!r}; known: {', '.join(get_args(Stage))}"
            raise ConversionError(msg)
        if not any((self.lut, self.ff, self.dsp, self.bram18, self.uram)):
            msg = f"{self._who} reports no logic at all: the design was optimised away (a constant output?)"
            raise ConversionError(msg)
        for problem in self._problems():
            msg = f"{self._who}: {problem}"
            raise ConversionError(msg)
        if self.clock_ns is not None:
            require_clock(self.clock_ns, self._who)

    def _problems(self) -> Iterator[str]:
        """What cannot be meant."""
        device = device_like(self.part)
        for name in _COUNTS:
            count = getattr(self, name)
            if count is not None and count < 0:
                yield f"{count} {name.upper()}"
            # a design larger than its part is a finding before place and route, and no design after it
            if self.stage == "impl" and count is not None and device is not None and count > getattr(device, name):
                yield f"{count:,} {name.upper()} are routed in {device.part}, which has {getattr(device, name):,}"
        if self.slack_ns is not None and (self.clock_ns is None or not -100 * self.clock_ns < self.slack_ns <= self.clock_ns):
            yield f"a slack of {self.slack_ns:g} ns does not go with a clock of {self.clock_ns} ns: is one in another unit?"

    @property
    def _who(self) -> str:
        return f"{self.tool} {self.version}"

    @property
    def period_ns(self) -> float | None:
        """Shortest clock period that the design was found to reach, in ns; None where no timing analysis of a netlist ran."""
        return None if self.slack_ns is None or self.clock_ns is None else self.clock_ns - self.slack_ns

    @property
    def fmax_mhz(self) -> float | None:
        """Fastest clock, in MHz, that setup slack alone allows; None as `period_ns`."""
        return None if not self.period_ns else 1e3 / self.period_ns

    @property
    def meets_clock(self) -> bool | None:
        """Whether no slack is negative; None where no timing analysis of a netlist ran."""
        slacks = [slack for slack in (self.slack_ns, self.hold_slack_ns) if slack is not None]
        return all(slack >= 0 for slack in slacks) if slacks else None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, with what follows from the slack, and how far the LUT of this tool and stage can be trusted."""
        spread = spread_of(self.tool, self.stage)
        derived = {
            "period_ns": self.period_ns,
            "fmax_mhz": self.fmax_mhz,
            "meets_clock": self.meets_clock,
            "spread": None if spread is None else spread.to_dict(),
        }
        return {**asdict(self), "options": dict(self.options), **derived}


def require_clock(clock_ns: float, where: str) -> None:
    """Refuse a clock period that cannot be one of an FPGA in ns; `where` names the report.

    Raises
    ------
    ConversionError
        If it is outside `CLOCK_RANGE_NS`: 4166 are picoseconds, 240 megahertz, 0.004 microseconds.
    """
    low, high = CLOCK_RANGE_NS
    if not low <= clock_ns < high:
        msg = f"{where}: a clock period of {clock_ns:g} ns lies outside {low:g} to {high:g} ns; is it in ps, us or MHz?"
        raise ConversionError(msg)
