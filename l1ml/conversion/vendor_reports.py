"""Reading the reports of C synthesis and of Vivado's utilization; what a report does not say is an error, never a zero.

The tools are not part of l1ml. The layouts are those of Vitis HLS 2020 to 2024 (``<top>_csynth.xml``) and of Vivado's
``report_utilization`` for UltraScale+ parts, which hls4ml calls ``vivado_synth.rpt``.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

from l1ml.conversion.report_text import (
    count,
    head,
    missing,
    nanoseconds,
    node,
    number,
    report_text,
    require_room,
    table_row,
    xml_root,
)
from l1ml.conversion.synthesis_report import Stage, SynthesisReport
from l1ml.conversion.timing_summary import read_timing_summary
from l1ml.errors import ConversionError

__all__ = ["read_csynth", "read_routed", "read_utilization", "require_same_time"]

_RAMB18_PER_TILE = 2
_STAGES: dict[str, Stage] = {"Synthesized": "synth", "Optimized": "synth", "Placed": "impl", "Physopt": "impl", "Routed": "impl"}
"""A word of Vivado's design state ("Fully Placed", "Physopt postRoute"), and the stage that it means."""

_ROWS = {
    "lut": r"(?:CLB|Slice) LUTs\*?",
    "ff": r"(?:CLB|Slice) Registers",
    "carry": "CARRY8",
    "tiles": "Block RAM Tile",
    "uram": "URAM",
    "dsp": "DSPs",
}
_NODES = {"lut": "LUT", "ff": "FF", "dsp": "DSP", "bram18": "BRAM_18K", "uram": "URAM"}
_AVAILABLE = -2
"""Cell of the column "Available", the one before "Util%"; the number of columns before it depends on the release."""

_ROUNDING = 0.02
"""Share by which a printed latency in ns may differ from cycles times the period: both are rounded to three digits."""


def read_csynth(path: Path) -> SynthesisReport:
    """Figures of the C synthesis report `path` (XML), stage ``hls``.

    Raises
    ------
    ConversionError
        If the file is missing, no XML, lacks a figure, or its figures contradict each other or the device.
    """
    root = xml_root(path, "C synthesis report")
    latency = "PerformanceEstimates/SummaryOfOverallLatency"
    used = _resources(root, "AreaEstimates/Resources", path)
    if root.find("AreaEstimates/AvailableResources") is not None:
        require_room(used, _resources(root, "AreaEstimates/AvailableResources", path), path)
    unit = node(root, "UserAssignments/unit", path)
    clock_ns = nanoseconds(f"{node(root, 'UserAssignments/TargetClockPeriod', path)} {unit}", "TargetClockPeriod", path)
    cycles = count(root.findtext(f"{latency}/Worst-caseLatency"), "Worst-caseLatency", path)
    time = root.findtext(f"{latency}/Worst-caseRealTimeLatency")
    if time is not None:
        require_same_time(cycles, clock_ns, nanoseconds(time, "Worst-caseRealTimeLatency", path), path)
    timing = "PerformanceEstimates/SummaryOfTimingAnalysis"
    estimated = f"{node(root, f'{timing}/EstimatedClockPeriod', path)} {node(root, f'{timing}/unit', path)}"
    return SynthesisReport(
        stage="hls",
        tool="Vitis HLS",
        version=node(root, "ReportVersion/Version", path),
        part=node(root, "UserAssignments/Part", path),
        **used,
        latency_cycles=cycles,
        interval_cycles=count(root.findtext(f"{latency}/Interval-max"), "Interval-max", path),
        clock_ns=clock_ns,
        options={"estimated_clock_ns": nanoseconds(estimated, "EstimatedClockPeriod", path)},
    )


def _resources(root: ET.Element, where: str, path: Path) -> dict[str, Any]:
    """Cells under the node `where`; releases before Vitis call a DSP block DSP48E."""
    found = {name: root.findtext(f"{where}/{tag}") for name, tag in _NODES.items()}
    found["dsp"] = found["dsp"] or root.findtext(f"{where}/DSP48E")
    return {name: count(text, f"{where}/{_NODES[name]}", path) for name, text in found.items()}


def require_same_time(cycles: int, clock_ns: float, time_ns: float, path: Path) -> None:
    """Refuse a report whose latency in ns is not its latency in cycles times its clock: one of them slipped a unit.

    Raises
    ------
    ConversionError
        With both figures.
    """
    expected = cycles * clock_ns
    if abs(time_ns - expected) > _ROUNDING * max(expected, clock_ns):
        msg = f"{path}: {cycles} cycles of {clock_ns:g} ns are {expected:g} ns, the report says {time_ns:g} ns: check its units"
        raise ConversionError(msg)


def read_utilization(path: Path, clock_ns: float) -> SynthesisReport:
    """Figures of Vivado's utilization report `path`; its design state decides between the stages ``synth`` and ``impl``.

    Parameters
    ----------
    path : Path
        Text report of ``report_utilization``.
    clock_ns : float
        Period of the clock constraint, in ns, which the report does not hold.

    Raises
    ------
    ConversionError
        If the file is missing, of an unknown design state, lacks a row, or counts more cells than the device has.
    """
    text = report_text(path)
    state = head(text, "Design State", path)
    stages = [stage for word, stage in _STAGES.items() if word in state.split()]
    if not stages:
        msg = f"{path} describes a design in the state {state!r}; known: {', '.join(_STAGES)}"
        raise ConversionError(msg)
    rows = {name: table_row(text, row, path) for name, row in _ROWS.items()}
    used = {name: number(cells[0], _ROWS[name], path) for name, cells in rows.items()}
    require_room(used, {name: _available(cells, _ROWS[name], path) for name, cells in rows.items()}, path)
    return SynthesisReport(
        stage=stages[0],
        tool="Vivado",
        version=re.sub(r"^Vivado v\.(\S+).*", r"\1", head(text, "Tool Version", path)),
        part=head(text, "Device", path),
        lut=round(used["lut"]),
        ff=round(used["ff"]),
        dsp=round(used["dsp"]),
        # Vivado counts 36 kb tiles and writes one 18 kb half as 0.5
        bram18=round(used["tiles"] * _RAMB18_PER_TILE),
        uram=round(used["uram"]),
        carry=round(used["carry"]),
        clock_ns=clock_ns,
    )


def _available(cells: list[str], row: str, path: Path) -> float:
    if len(cells) < -_AVAILABLE:
        raise missing(path, f"{row}, Available", cells)
    return number(cells[_AVAILABLE], f"{row}, Available", path)


def read_routed(utilization: Path, timing: Path, clock_ns: float) -> SynthesisReport:
    """Resources of the report `utilization` with the slacks of the summary `timing` of the same design.

    Raises
    ------
    ConversionError
        As `read_utilization` and `l1ml.conversion.timing_summary.read_timing_summary`, and if the two are of different designs
        or the timing is of another clock than `clock_ns`.
    """
    summary, names = read_timing_summary(timing), {head(report_text(path), "Design", path) for path in (utilization, timing)}
    if len(names) > 1:
        msg = f"{utilization} and {timing} are of different designs: {', '.join(sorted(names))}"
        raise ConversionError(msg)
    if abs(summary.clock_ns - clock_ns) > 1e-3:
        msg = f"{timing} constrains {summary.clock} to {summary.clock_ns:g} ns, the project is built for {clock_ns:g} ns"
        raise ConversionError(msg)
    return replace(read_utilization(utilization, clock_ns), slack_ns=summary.slack_ns, hold_slack_ns=summary.hold_slack_ns)
