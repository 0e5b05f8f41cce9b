"""Reading what Vitis HLS says after running Vivado on its own RTL: ``export_syn.xml`` and ``export_impl.xml``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from l1ml.conversion.report_text import count, missing, node, number, require_room, xml_root
from l1ml.conversion.synthesis_report import Stage, SynthesisReport
from l1ml.errors import ConversionError

__all__ = ["read_export"]

_STAGES: dict[str, Stage] = {"synth": "synth", "syn": "synth", "impl": "impl"}
_NODES = {"lut": "LUT", "ff": "FF", "dsp": "DSP", "bram18": "BRAM", "uram": "URAM"}
_ROUNDING_NS = 0.002
"""Periods and slacks are printed to the picosecond each."""


def read_export(path: Path) -> SynthesisReport:
    """Figures of the export report `path`, stage ``synth`` or ``impl`` as its ``RUN_TYPE`` says.

    Vitis HLS starts Vivado with settings of its own, so the tool is not called just Vivado; block RAM is counted in 18 kb blocks
    here, not in tiles.

    Raises
    ------
    ConversionError
        If the file is missing, no XML, lacks a figure, or its figures contradict each other or the device.
    """
    root = xml_root(path, "export report of Vitis HLS")
    run = node(root, "RunData/RUN_TYPE", path)
    if run not in _STAGES:
        msg = f"{path} is of a run {run!r}; known: {', '.join(_STAGES)}"
        raise ConversionError(msg)
    used, available = (_cells(root, f"AreaReport/{table}", path) for table in ("Resources", "AvailableResources"))
    require_room(used, available, path)
    periods = (node(root, f"TimingReport/{name}ClockPeriod", path) for name in ("Target", "Achieved"))
    target, achieved = (number(text, "ClockPeriod", path) for text in periods)
    _require_agreement(root, target - achieved, path)
    return SynthesisReport(
        stage=_STAGES[run],
        tool="Vivado by Vitis HLS",
        version=node(root, "RunData/VIVADO_VERSION", path).removeprefix("v."),
        part=_part(root, path),
        **used,
        clock_ns=target,
        slack_ns=round(target - achieved, 3),
    )


def _cells(root: Any, where: str, path: Path) -> dict[str, Any]:
    return {name: count(root.findtext(f"{where}/{tag}"), f"{where}/{tag}", path) for name, tag in _NODES.items()}


def _require_agreement(root: Any, slack_ns: float, path: Path) -> None:
    """The report says three times whether the clock is met; all of them must say the same."""
    met = node(root, "TimingReport/TIMING_MET", path).upper()
    if met not in ("TRUE", "FALSE"):
        raise missing(path, "TIMING_MET", met)
    stated = root.findtext("TimingReport/WNS_FINAL")
    if stated is not None and abs(number(stated, "WNS_FINAL", path) - slack_ns) > _ROUNDING_NS:
        msg = f"{path}: WNS_FINAL is {stated} ns, target less achieved period is {slack_ns:.3f} ns"
        raise ConversionError(msg)
    if (met == "TRUE") != (slack_ns > -_ROUNDING_NS):
        msg = f"{path}: TIMING_MET is {met} with a slack of {slack_ns:.3f} ns"
        raise ConversionError(msg)


def _part(root: Any, path: Path) -> str:
    """Device, among the items of the general information."""
    for item in root.iterfind("GeneralInfo/item"):
        if item.get("NAME") == "Target device":
            return str(item.get("VALUE"))
    raise missing(path, "GeneralInfo/Target device", None)
