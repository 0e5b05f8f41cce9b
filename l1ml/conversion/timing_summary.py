"""Reading Vivado's ``report_timing_summary``: whether the clock is met, and by how much."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from l1ml.conversion.report_text import count, head, missing, number, report_text
from l1ml.conversion.synthesis_report import require_clock
from l1ml.errors import ConversionError

__all__ = ["TimingSummary", "read_timing_summary"]

_MET = "All user specified timing constraints are met."
_NOT_MET = "Timing constraints are not met."


@dataclass(frozen=True, slots=True)
class TimingSummary:
    """Slacks of the whole design against its one clock, in ns.

    Parameters
    ----------
    clock : str
        Name of the clock.
    clock_ns : float
        Its period.
    slack_ns, total_slack_ns : float
        Worst setup slack (WNS), and the sum over all endpoints that fail (TNS, never positive).
    hold_slack_ns : float
        Worst hold slack (WHS).
    failing_endpoints : int
        Ends of paths with a negative setup slack.
    """

    clock: str
    clock_ns: float
    slack_ns: float
    total_slack_ns: float
    hold_slack_ns: float
    failing_endpoints: int


def read_timing_summary(path: Path) -> TimingSummary:
    """Slacks of the timing summary `path`.

    Raises
    ------
    ConversionError
        If the file is missing, has no table, nothing was timed (``NA``: an unconstrained design), there is not exactly one clock,
        or its figures contradict each other.
    """
    text = report_text(path)
    head(text, "Design State", path)
    cells = _summary(text, path)
    clock, clock_ns, frequency_mhz = _clock(text, path)
    found = TimingSummary(
        clock=clock,
        clock_ns=clock_ns,
        slack_ns=number(cells["WNS(ns)"], "WNS", path),
        total_slack_ns=number(cells["TNS(ns)"], "TNS", path),
        hold_slack_ns=number(cells["WHS(ns)"], "WHS", path),
        failing_endpoints=count(cells["TNS Failing Endpoints"], "TNS Failing Endpoints", path),
    )
    require_clock(clock_ns, str(path))
    for problem in _contradictions(found, frequency_mhz, text):
        msg = f"{path}: {problem}"
        raise ConversionError(msg)
    return found


def _summary(text: str, path: Path) -> dict[str, str]:
    """The one row of the table "Design Timing Summary", by column."""
    block = text.partition("| Design Timing Summary")[2]
    lines = [line for line in block.splitlines() if line.strip()]
    start = next((index for index, line in enumerate(lines) if "WNS(ns)" in line), None)
    if start is None or start + 2 >= len(lines):
        raise missing(path, "Design Timing Summary", None)
    columns = re.split(r"\s{2,}", lines[start].strip())
    cells = lines[start + 2].split()
    if len(columns) != len(cells):
        raise missing(path, "Design Timing Summary", lines[start + 2].strip())
    return dict(zip(columns, cells, strict=True))


def _clock(text: str, path: Path) -> tuple[str, float, float]:
    """Name, period in ns and frequency in MHz of the only clock."""
    block = text.partition("| Clock Summary")[2].partition("| Intra Clock Table")[0]
    rows = re.findall(r"^\s*(\S+)\s+\{[\d. ]+\}\s+([\d.]+)\s+([\d.]+)\s*$", block, re.MULTILINE)
    if len(rows) != 1:
        msg = f"{path} has {len(rows)} clocks in its Clock Summary, expected the one of the design"
        raise ConversionError(msg)
    name, period, frequency = rows[0]
    return name, number(period, "Period", path), number(frequency, "Frequency", path)


def _contradictions(found: TimingSummary, frequency_mhz: float, text: str) -> list[str]:
    """What the report says twice and differently."""
    fails = found.slack_ns < 0
    checks = {
        f"a period of {found.clock_ns:g} ns is not {frequency_mhz:g} MHz": abs(found.clock_ns * frequency_mhz - 1e3) > 1.0,
        f"WNS {found.slack_ns:g} ns with TNS {found.total_slack_ns:g} ns": fails != (found.total_slack_ns < 0),
        f"WNS {found.slack_ns:g} ns with {found.failing_endpoints} failing endpoints": fails != (found.failing_endpoints > 0),
        f"WNS {found.slack_ns:g} ns, and yet {_MET!r}": fails and _MET in text,
        f"no negative slack, and yet {_NOT_MET!r}": not fails and found.hold_slack_ns >= 0 and _NOT_MET in text,
    }
    return [what for what, is_wrong in checks.items() if is_wrong]
