"""What alkaid's cost model says about its own RTL, before any synthesis."""

from __future__ import annotations

from pathlib import Path

from l1ml.conversion.config import RTL_LANGUAGES
from l1ml.conversion.project import read_manifest
from l1ml.conversion.synthesis_report import SynthesisReport

__all__ = ["alkaid_estimate"]


def alkaid_estimate(project: Path) -> SynthesisReport:
    """What alkaid's cost model says about the written RTL `project`; no synthesis, hence stage ``estimate``.

    Raises
    ------
    DataError
        If the folder is no RTL project.
    """
    manifest = read_manifest(project, *RTL_LANGUAGES)
    estimate = manifest["estimate"]
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
        options={"logic_ns": estimate["logic_ns"], "adder_depth": manifest["config"]["adder_depth"]},
    )
