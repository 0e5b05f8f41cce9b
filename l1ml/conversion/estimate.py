"""What alkaid's cost model says about its own RTL, before any synthesis."""

from __future__ import annotations

from pathlib import Path

from l1ml.conversion.config import RTL_LANGUAGES
from l1ml.conversion.project import read_manifest
from l1ml.conversion.synthesis_report import SynthesisReport
from l1ml.errors import ConversionError

__all__ = ["alkaid_estimate"]

_FIGURES = ("lut", "ff", "latency_cycles", "interval_cycles", "logic_ns")


def alkaid_estimate(project: Path) -> SynthesisReport:
    """What alkaid's cost model says about the written RTL `project`; no synthesis, hence stage ``estimate``.

    Raises
    ------
    DataError
        If the folder is no RTL project.
    ConversionError
        If the estimate lacks a figure, or has one that cannot be meant.
    """
    manifest = read_manifest(project, *RTL_LANGUAGES)
    estimate = manifest["estimate"]
    for name in _FIGURES:
        if not isinstance(estimate.get(name), int | float):
            msg = f"{project}: the estimate has {name} = {estimate.get(name)!r}, expected a number; convert the model again"
            raise ConversionError(msg)
    return SynthesisReport(
        stage="estimate",
        tool="alkaid",
        version=manifest["tools"]["alkaid"],
        part=manifest["part"],
        lut=estimate["lut"],
        ff=estimate["ff"],
        latency_cycles=estimate["latency_cycles"],
        interval_cycles=estimate["interval_cycles"],
        clock_ns=manifest["clock_ns"],
        options={"logic_ns": estimate["logic_ns"], **{name: manifest["config"][name] for name in ("adder_depth", "adder_trees")}},
    )
