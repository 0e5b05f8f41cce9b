"""Every synthesis figure that this machine can give for a set of written projects."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

from l1ml.conversion.config import RTL_LANGUAGES
from l1ml.conversion.estimate import alkaid_estimate
from l1ml.conversion.ghdl import has_ghdl
from l1ml.conversion.plausibility import require_network
from l1ml.conversion.project import read_manifest
from l1ml.conversion.synthesis_report import SynthesisReport
from l1ml.conversion.vendor import synthesise_with_hls, synthesise_with_vivado, vendor_tool
from l1ml.conversion.yosys import synthesise_with_yosys, yosys_name
from l1ml.hardware import family_of
from l1ml.progress import SILENT, Progress

__all__ = ["available_tools", "synthesise"]


def available_tools(*, yosys: bool = True) -> list[str]:
    """Names of the synthesis tools that `synthesise` would use now; other tools give other reports."""
    counting = [yosys_name(), "ghdl" if has_ghdl() else None] if yosys else []
    found = [*counting, *(vendor_tool(backend) for backend in ("vitis", "vivado", "verilog"))]
    return ["alkaid", *(name for name in found if name is not None)]


def synthesise(
    projects: Sequence[Path],
    *,
    use_dsp: bool | None = None,
    timeout_s: float | None = None,
    yosys: bool = True,
    progress: Progress = SILENT,
) -> list[SynthesisReport]:
    """Figures of the written `projects`: alkaid's estimate for RTL, Yosys too, and the vendor's tools where installed.

    Parameters
    ----------
    projects : sequence of Path
        Folders of projects of one model, of any back end.
    use_dsp : bool, optional
        Whether Yosys may use DSP blocks for multiplications; by default as each project was made.
    timeout_s : float, optional
        A vendor's tool that takes longer is stopped.
    yosys : bool
        Whether Yosys counts, which takes longer than all the rest.
    progress : Progress
        Told before each tool starts.

    Raises
    ------
    ToolNotFoundError
        If there is an RTL project and no Yosys, where it is to count. A ``vhdl`` project without GHDL and a part that is not of
        AMD are not counted, with a warning.
    ConversionError
        If a tool fails, finds no logic, or far less than the network needs.
    """
    reports: list[SynthesisReport] = []
    for project in projects:
        manifest = read_manifest(project)
        backend = str(manifest["backend"])
        if backend in RTL_LANGUAGES:
            reports.append(alkaid_estimate(project))
        obstacle = _obstacle(backend, str(manifest["part"]))
        counts = yosys and backend in RTL_LANGUAGES
        if counts and obstacle:
            msg = f"{obstacle}: no Yosys count of {project.name}, only the estimate of alkaid"
            warnings.warn(msg, RuntimeWarning, stacklevel=2)
        elif counts:
            progress.start(f"Yosys synthesis of {project.name}")
            reports.append(synthesise_with_yosys(project, use_dsp=use_dsp))
            progress.finish()
        if vendor_tool(backend) is not None:
            progress.start(f"vendor synthesis of {project.name}")
            is_rtl = backend in RTL_LANGUAGES
            reports += synthesise_with_vivado(project, timeout_s) if is_rtl else [synthesise_with_hls(project, timeout_s)]
            progress.finish()
    for estimate in (report for report in reports if report.stage == "estimate"):
        for report in reports:
            require_network(report, estimate)
    return reports


def _obstacle(backend: str, part: str) -> str:
    """Why Yosys cannot count the cells of an RTL project; empty if it can."""
    if family_of(part) is None:
        return f"{part!r} is of none of AMD's families, which Yosys knows"
    return "ghdl is not on PATH" if backend == "vhdl" and not has_ghdl() else ""
