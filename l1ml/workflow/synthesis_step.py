"""Step 5: resources, each figure with the tool, version, stage and part it comes from."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from l1ml.conversion.config import RTL_LANGUAGES
from l1ml.conversion.estimate import alkaid_estimate
from l1ml.conversion.plausibility import require_network
from l1ml.conversion.project import read_manifest
from l1ml.conversion.synthesis import available_tools, synthesise
from l1ml.conversion.vendor_folder import VendorReports, read_vendor_folder, vendor_files
from l1ml.hardware import device_like
from l1ml.progress import Progress
from l1ml.storage import digest_of, read_json
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import Workspace

__all__ = ["ESTIMATE", "SYNTHESIS", "measured_latency", "vendor_folder"]


def vendor_folder(workspace: Workspace) -> Path:
    """Where reports go that the vendor's tools wrote on another machine; each is read if it is there."""
    return workspace.run / "vendor"


def _inputs(workspace: Workspace, *, yosys: bool) -> Any:
    content = workspace.result("conversion", "convert")
    (rtl,) = workspace.projects_of(RTL_LANGUAGES).values()
    manifest = rtl["manifest"]
    top = str(manifest["top"])
    return {
        "projects": {backend: item["digest"] for backend, item in content["projects"].items()},
        "part": manifest["part"],
        "tools": available_tools(yosys=yosys),
        "vendor": {name: digest_of(path.read_bytes()) for name, path in vendor_files(vendor_folder(workspace), top).items()},
    }


def _work(workspace: Workspace, progress: Progress, *, yosys: bool) -> dict[str, Any]:
    backends = workspace.result("conversion", "convert")["projects"]
    timeout_s = workspace.recipe.conversion.tool_timeout_s
    projects = [workspace.project([name]) for name in backends]
    reports = synthesise(projects, timeout_s=timeout_s, yosys=yosys, progress=progress)
    vendor = _vendor(workspace)
    part = str(read_manifest(workspace.project(RTL_LANGUAGES))["part"])
    device = device_like(part)
    return {
        "reports": [report.to_dict() for report in (*reports, *vendor.synthesis)],
        "latencies": [report.to_dict() for report in vendor.latencies],
        # of a part that is not known there are counts and no shares
        "device": {"part": part} if device is None else asdict(device),
    }


def _vendor(workspace: Workspace) -> VendorReports:
    """Reports from elsewhere; they must be of a network of this size."""
    project = workspace.project(RTL_LANGUAGES)
    found = read_vendor_folder(vendor_folder(workspace), str(read_manifest(project)["top"]), workspace.recipe.conversion.clock_ns)
    for report in found.synthesis:
        require_network(report, alkaid_estimate(project))
    return found


def _step(*, yosys: bool) -> Step:
    return Step("synthesis", "synth", partial(_inputs, yosys=yosys), partial(_work, yosys=yosys))


SYNTHESIS = _step(yosys=True)
ESTIMATE = _step(yosys=False)
"""The same without Yosys, whose time grows faster than a project does; what `SYNTHESIS` has left counts more."""


def measured_latency(workspace: Workspace) -> dict[str, Any] | None:
    """What the RTL simulation of the present projects measured; None if none has run since they were made."""
    path = workspace.run / "verification.json"
    if not path.is_file():
        return None
    content = read_json(path, f"l1ml verify {workspace.folder}")
    is_current = content.get("model_digest") == workspace.result("conversion", "convert")["model_digest"]
    latency: dict[str, Any] | None = content.get("latency") if is_current else None
    return latency
