"""Reading the text report of C synthesis (``<top>_csynth.rpt``), for projects of which nothing else was kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from l1ml.conversion.report_text import count, missing, nanoseconds, report_text, require_room, table_row
from l1ml.conversion.synthesis_report import SynthesisReport
from l1ml.conversion.vendor_reports import require_same_time
from l1ml.errors import ConversionError

__all__ = ["read_csynth_text"]

_COLUMNS = {"BRAM_18K": "bram18", "DSP48E": "dsp", "DSP": "dsp", "FF": "ff", "LUT": "lut", "URAM": "uram"}


def read_csynth_text(path: Path) -> SynthesisReport:
    """Figures of the C synthesis report `path` (text), stage ``hls``; Vivado HLS 2020 and Vitis HLS to 2024 write it alike.

    Raises
    ------
    ConversionError
        If the file is missing, lacks a figure or a unit, or its figures contradict each other or the device.
    """
    text = report_text(path)
    title = re.search(r"^== (Vivado|Vitis) HLS Report for '(\w+)'", text, re.MULTILINE)
    if title is None:
        msg = f"{path} is no C synthesis report: no line \"== Vitis HLS Report for '<top>'\""
        raise ConversionError(msg)
    target, estimated = _clock(text, path)
    least, cycles, time, interval = _latency(text, path)
    if time is not None:
        require_same_time(cycles, target, time, path)
    used, available = _resources(text, "Total", path), _resources(text, "Available", path)
    require_room(used, available, path)
    return SynthesisReport(
        stage="hls",
        tool=f"{title[1]} HLS",
        version=_item(text, "Version", path).split()[0],
        part=_item(text, "Target device", path),
        **used,
        latency_cycles=cycles,
        interval_cycles=interval,
        clock_ns=target,
        options={"estimated_clock_ns": estimated, "best_latency_cycles": least},
    )


def _item(text: str, name: str, path: Path) -> str:
    match = re.search(rf"^\* {name}:\s*(\S.*?)\s*$", text, re.MULTILINE)
    if match is None:
        raise missing(path, name, None)
    return match[1]


def _clock(text: str, path: Path) -> tuple[float, float]:
    """Target and estimated period, in ns."""
    target, estimated = table_row(text.replace("\n    ", "\n"), "ap_clk", path)[:2]
    return nanoseconds(target, "Target", path), nanoseconds(estimated, "Estimated", path)


def _latency(text: str, path: Path) -> tuple[int, int, float | None, int]:
    """Least and largest latency in cycles, the largest in ns where it is printed with a unit, and the largest interval."""
    block = text.partition("+ Latency")[2].partition("+ Detail")[0].replace("\n    ", "\n")
    rows = re.findall(r"^\|((?:[^|\n]*\|){7})\s*$", block, re.MULTILINE)
    cells = [cell.strip() for cell in rows[-1].split("|")] if rows else []
    if len(cells) < 7 or cells[0] == "min":
        raise missing(path, "Latency", None)
    least, most, interval = (count(cells[place], what, path) for place, what in ((0, "min"), (1, "max"), (5, "Interval, max")))
    time = None if cells[3] == "-" else nanoseconds(cells[3], "Latency (absolute), max", path)
    return least, most, time, interval


def _resources(text: str, row: str, path: Path) -> dict[str, Any]:
    """Cells of `row` of the table "Utilization Estimates"."""
    block = text.partition("== Utilization Estimates")[2].partition("+ Detail")[0]
    names = table_row(block, "Name", path)
    cells = table_row(block, row, path)
    if len(names) != len(cells):
        raise missing(path, f"row {row!r}", cells)
    by_name = dict(zip(names, cells, strict=True))
    return {ours: count(by_name[name], f"{row}, {name}", path) for name, ours in _COLUMNS.items() if name in by_name}
