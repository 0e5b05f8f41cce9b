"""Step 5: resources, each figure with the tool, version, stage and part it comes from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from l1ml.conversion.synthesis import available_tools, synthesise
from l1ml.hardware import find_device
from l1ml.progress import Progress
from l1ml.storage import read_json
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import Workspace

__all__ = ["SYNTHESIS", "measured_latency"]

_BACKENDS = ("vitis", "verilog")


def _inputs(workspace: Workspace) -> Any:
    content = workspace.result("conversion", "convert")
    return {
        "projects": {backend: content["projects"][backend]["digest"] for backend in _BACKENDS},
        "part": workspace.recipe.conversion.part,
        "tools": available_tools(),
    }


def _work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    reports = synthesise([workspace.project(backend) for backend in _BACKENDS], progress=progress)
    device = find_device(workspace.recipe.conversion.part)
    return {"reports": [report.to_dict() for report in reports], "device": asdict(device)}


SYNTHESIS = Step("synthesis", "synth", _inputs, _work)


def measured_latency(workspace: Workspace) -> dict[str, Any] | None:
    """What the RTL simulation of the present projects measured; None if none has run since they were made."""
    path = workspace.run / "verification.json"
    if not path.is_file():
        return None
    content = read_json(path, f"l1ml emulate {workspace.folder}")
    is_current = content.get("model_digest") == workspace.result("conversion", "convert")["model_digest"]
    latency: dict[str, Any] | None = content.get("latency") if is_current else None
    return latency
