"""Step 5: resources, each figure with the tool, version, stage and part it comes from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from l1ml.conversion.synthesis import available_tools, synthesise
from l1ml.hardware import find_device
from l1ml.progress import Progress
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import Workspace

__all__ = ["SYNTHESIS"]


def _inputs(workspace: Workspace) -> Any:
    content = workspace.result("conversion", "convert")
    return {
        "projects": {backend: item["digest"] for backend, item in content["projects"].items()},
        "part": workspace.recipe.conversion.part,
        "tools": available_tools(),
    }


def _work(workspace: Workspace, progress: Progress) -> dict[str, Any]:
    backends = workspace.result("conversion", "convert")["projects"]
    timeout_s = workspace.recipe.conversion.tool_timeout_s
    reports = synthesise([workspace.project([name]) for name in backends], timeout_s=timeout_s, progress=progress)
    device = find_device(workspace.recipe.conversion.part)
    return {"reports": [report.to_dict() for report in reports], "device": asdict(device)}


SYNTHESIS = Step("synthesis", "synth", _inputs, _work)
