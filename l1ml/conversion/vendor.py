"""Synthesis with the vendor's own tools, where they are installed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from l1ml.conversion.config import RTL_LANGUAGES
from l1ml.conversion.project import BUILD_FOLDER, read_manifest
from l1ml.conversion.synthesis_report import SynthesisReport
from l1ml.conversion.toolchain import find_program, run_program
from l1ml.conversion.vendor_reports import read_csynth, read_routed

__all__ = ["synthesise_with_hls", "synthesise_with_vivado", "vendor_tool"]

_PROGRAMS = {
    "vitis": ("vitis-run", "vitis_hls"),
    "vivado": ("vivado_hls",),
    "verilog": ("vivado",),
    "vhdl": ("vivado",),
}
"""Programs that build the projects of a back end and write reports that are read here."""

_WITHOUT = "use Yosys, which is free: l1ml synth"


def vendor_tool(backend: str) -> str | None:
    """Name of the program on PATH that builds projects of `backend`, if there is one whose reports can be read."""
    return next((name for name in _PROGRAMS.get(backend, ()) if shutil.which(name)), None)


def synthesise_with_hls(project: Path, timeout_s: float | None = None) -> SynthesisReport:
    """C synthesis of the written ``vitis`` or ``vivado`` `project` by its own ``build_prj.tcl``, in a copy under ``build/``.

    Raises
    ------
    ToolNotFoundError
        If Vitis HLS or Vivado HLS is not on PATH.
    ConversionError
        If it fails, takes longer than `timeout_s`, or its report lacks a figure.
    """
    manifest = read_manifest(project, "vitis", "vivado")
    backend, top = str(manifest["backend"]), str(manifest["top"])
    program = find_program(_PROGRAMS[backend], _WITHOUT)
    folder = _copy(project, backend)
    run_program(
        [program, *_hls_arguments(Path(program).name)], folder, folder / f"{backend}.log", timeout_s=timeout_s, quoted="last"
    )
    return read_csynth(folder / f"{top}_prj/solution1/syn/report/{top}_csynth.xml")


def _hls_arguments(program: str) -> list[str]:
    """Arguments for C synthesis alone; Vitis reads what to do from ``build_opt.tcl``, which says so already."""
    if program == "vivado_hls":
        return ["-f", "build_prj.tcl", "reset=1 csim=0 synth=1 cosim=0 validation=0 export=0 vsynth=0 fifo_opt=0"]
    return [*(["--mode", "hls", "--tcl"] if program == "vitis-run" else ["-f"]), "build_prj.tcl"]


def synthesise_with_vivado(project: Path, timeout_s: float | None = None) -> list[SynthesisReport]:
    """Synthesis and implementation of the written RTL `project` by its own script, in a copy under ``build/vivado``.

    Returns
    -------
    list of SynthesisReport
        After synthesis, and after routing, with the slack that the tool found at each.

    Raises
    ------
    ToolNotFoundError
        If Vivado is not on PATH.
    ConversionError
        If it fails, takes longer than `timeout_s`, or a report lacks a figure.
    """
    manifest = read_manifest(project, *RTL_LANGUAGES)
    program = find_program(_PROGRAMS[str(manifest["backend"])], _WITHOUT)
    folder = _copy(project, "vivado")
    run_program(
        [program, "-mode", "batch", "-source", "build_vivado_prj.tcl"], folder, folder / "vivado.log", timeout_s=timeout_s
    )
    top = str(manifest["top"])
    stems = [folder / f"output_{top}/reports" / f"{top}_{step}" for step in ("post_synth", "post_route")]
    clock_ns = float(manifest["clock_ns"])
    return [read_routed(Path(f"{stem}_util.rpt"), Path(f"{stem}_timing.rpt"), clock_ns) for stem in stems]


def _copy(project: Path, name: str) -> Path:
    """A fresh copy of `project` for a tool that writes beside its sources."""
    folder = project.resolve() / BUILD_FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)

    def without_build(directory: str, _names: Sequence[str]) -> list[str]:
        return [BUILD_FOLDER] if Path(directory) == project.resolve() else []

    shutil.copytree(project.resolve(), folder, ignore=without_build)
    return folder
