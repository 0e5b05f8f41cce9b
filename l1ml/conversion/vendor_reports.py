"""Reading the reports of Vitis HLS and Vivado; what a report does not say is an error, never a zero.

The tools are not part of l1ml. The layouts are those of Vitis HLS 2020 to 2024 (``<top>_csynth.xml``) and of Vivado's
``report_utilization`` for UltraScale+ parts.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from l1ml.conversion.synthesis_report import Stage, SynthesisReport
from l1ml.errors import ConversionError

__all__ = ["read_csynth", "read_utilization"]

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


def read_csynth(path: Path) -> SynthesisReport:
    """Figures of the C synthesis report `path` (XML), stage ``hls``.

    Raises
    ------
    ConversionError
        If the file is missing, no XML, or lacks a figure.
    """
    try:
        root = ET.fromstring(_text(path))
    except ET.ParseError as error:
        msg = f"{path} is no C synthesis report: {error}"
        raise ConversionError(msg) from error
    latency = "PerformanceEstimates/SummaryOfOverallLatency"
    resources = "AreaEstimates/Resources"
    estimated = _node(root, "PerformanceEstimates/SummaryOfTimingAnalysis/EstimatedClockPeriod", path)
    return SynthesisReport(
        stage="hls",
        tool="Vitis HLS",
        version=_node(root, "ReportVersion/Version", path),
        part=_node(root, "UserAssignments/Part", path),
        lut=_count(root, f"{resources}/LUT", path),
        ff=_count(root, f"{resources}/FF", path),
        dsp=_count(root, f"{resources}/DSP", path),
        bram18=_count(root, f"{resources}/BRAM_18K", path),
        uram=_count(root, f"{resources}/URAM", path),
        latency_cycles=_count(root, f"{latency}/Worst-caseLatency", path),
        interval_cycles=_count(root, f"{latency}/Interval-max", path),
        clock_ns=float(_node(root, "UserAssignments/TargetClockPeriod", path)),
        options={"estimated_clock_ns": float(estimated)},
    )


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
        If the file is missing, of an unknown design state, or lacks a row.
    """
    text = _text(path)
    state = _head(text, "Design State", path)
    stages = [stage for word, stage in _STAGES.items() if word in state.split()]
    if not stages:
        msg = f"{path} describes a design in the state {state!r}; known: {', '.join(_STAGES)}"
        raise ConversionError(msg)
    used = {name: _used(text, row, path) for name, row in _ROWS.items()}
    return SynthesisReport(
        stage=stages[0],
        tool="Vivado",
        version=re.sub(r"^Vivado v\.(\S+).*", r"\1", _head(text, "Tool Version", path)),
        part=_head(text, "Device", path),
        lut=round(used["lut"]),
        ff=round(used["ff"]),
        dsp=round(used["dsp"]),
        # Vivado counts 36 kb tiles and writes one 18 kb half as 0.5
        bram18=round(used["tiles"] * _RAMB18_PER_TILE),
        uram=round(used["uram"]),
        carry=round(used["carry"]),
        clock_ns=clock_ns,
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        msg = f"{path} does not exist: the vendor's tool did not reach this stage; read its log beside the project"
        raise ConversionError(msg) from None


def _missing(path: Path, what: str, found: Any) -> ConversionError:
    return ConversionError(f"{path}: {what} is {found!r}, expected a number; the run did not finish or the layout is unknown")


def _node(root: ET.Element, where: str, path: Path) -> str:
    text = root.findtext(where)
    if text is None or not text.strip():
        raise _missing(path, where, text)
    return text.strip()


def _count(root: ET.Element, where: str, path: Path) -> int:
    """A whole number; Vitis writes ``undef`` for a latency that it cannot bound."""
    text = _node(root, where, path)
    if not text.isdecimal():
        raise _missing(path, where, text)
    return int(text)


def _head(text: str, name: str, path: Path) -> str:
    match = re.search(rf"^\|\s*{name}\s*:\s*(.+?)\s*\|?\s*$", text, re.MULTILINE)
    if match is None:
        raise _missing(path, name, None)
    return match[1]


def _used(text: str, row: str, path: Path) -> float:
    """The column "Used" of the first `row`."""
    match = re.search(rf"^\|\s*{row}\s*\|\s*([\d.]+)\s*\|", text, re.MULTILINE)
    if match is None:
        raise _missing(path, row, None)
    return float(match[1])
