"""Reading the report of the vendor's co-simulation (``<top>_cosim.rpt``): latency and interval of the RTL, measured."""

from __future__ import annotations

import re
from pathlib import Path

from l1ml.conversion.latency_report import LatencyReport
from l1ml.conversion.report_text import count, number, report_text
from l1ml.errors import ConversionError

__all__ = ["read_cosim"]

_LANGUAGES = ("Verilog", "VHDL")
_NOT_RUN = "NA"
_PASSED = "Pass"
_N_CELLS = 7


def read_cosim(path: Path, *, version: str, part: str, clock_ns: float) -> LatencyReport:
    """Latency of the co-simulation report `path`.

    Parameters
    ----------
    path : Path
        Text report; Vivado HLS and Vitis HLS write it alike.
    version, part, clock_ns
        Of the C synthesis that made the RTL: the report has none of them.

    Raises
    ------
    ConversionError
        If the file is missing, no language was simulated, the simulation did not pass, or a figure is missing.
    """
    rows = [cells for language in _LANGUAGES if (cells := _row(report_text(path), language)) and cells[0] != _NOT_RUN]
    if not rows:
        msg = f"{path}: neither {' nor '.join(_LANGUAGES)} was simulated"
        raise ConversionError(msg)
    status, *figures = rows[0]
    if status != _PASSED:
        msg = (
            f"{path}: the co-simulation says {status!r}: the RTL does not give the results of the C++, its latency means nothing"
        )
        raise ConversionError(msg)
    if len(figures) < _N_CELLS - 1:
        msg = f"{path}: {len(figures)} figures after the status, expected least, mean and largest latency and interval"
        raise ConversionError(msg)
    least, average, most, *_, interval = figures[: _N_CELLS - 1]
    return LatencyReport(
        tool="co-simulation of Vitis HLS",
        version=version,
        part=part,
        min_cycles=count(least, "least latency", path),
        average_cycles=number(average, "mean latency", path),
        max_cycles=count(most, "largest latency", path),
        # a test bench that calls the design once measures no interval
        interval_cycles=None if interval == _NOT_RUN else count(interval, "largest interval", path),
        clock_ns=clock_ns,
    )


def _row(text: str, language: str) -> list[str]:
    """Cells of the row of `language`: status, three latencies, three intervals, and perhaps the total time."""
    match = re.search(rf"^\|\s*{language}\s*\|(.*)\|\s*$", text, re.MULTILINE)
    return [cell.strip() for cell in match[1].split("|")] if match else []
