"""Synthesis with the vendor's own tools, where they are installed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from l1ml.conversion.project import BUILD_FOLDER, read_manifest
from l1ml.conversion.synthesis_report import SynthesisReport
from l1ml.conversion.toolchain import find_program, run_program
from l1ml.conversion.vendor_reports import read_csynth, read_routed
from l1ml.storage import write_text

__all__ = ["synthesise_with_vitis", "synthesise_with_vivado", "vendor_tool"]

_VITIS = ("vitis-run", "vitis_hls")
_VIVADO = ("vivado",)
_WITHOUT = "use Yosys, which is free: l1ml synth"
_BUILD_OPTIONS = """array set opt {
    reset      1
    csim       0
    synth      1
    cosim      0
    validation 0
    export     0
    vsynth     0
    fifo_opt   0
}
"""


def vendor_tool(backend: str) -> str | None:
    """Name of the program on PATH that builds projects of `backend` (``vitis`` or ``verilog``), if there is one."""
    names = _VITIS if backend == "vitis" else _VIVADO
    return next((name for name in names if shutil.which(name)), None)


def synthesise_with_vitis(project: Path) -> SynthesisReport:
    """C synthesis of the written ``vitis`` `project` by its own ``build_prj.tcl``, in a copy under ``build/vitis``.

    Raises
    ------
    ToolNotFoundError
        If Vitis HLS is not on PATH.
    ConversionError
        If it fails or its report lacks a figure.
    """
    top = str(read_manifest(project, "vitis")["top"])
    program = find_program(_VITIS, _WITHOUT)
    folder = _copy(project, "vitis")
    write_text(folder / "build_opt.tcl", _BUILD_OPTIONS)
    arguments = ["--mode", "hls", "--tcl"] if Path(program).name == "vitis-run" else ["-f"]
    run_program([program, *arguments, "build_prj.tcl"], folder, folder / "vitis.log")
    return read_csynth(folder / f"{top}_prj/solution1/syn/report/{top}_csynth.xml")


def synthesise_with_vivado(project: Path) -> list[SynthesisReport]:
    """Synthesis and implementation of the written ``verilog`` `project` by its own script, in a copy under ``build/vivado``.

    Returns
    -------
    list of SynthesisReport
        After synthesis, and after routing, with the slack that the tool found at each.

    Raises
    ------
    ToolNotFoundError
        If Vivado is not on PATH.
    ConversionError
        If it fails or a report lacks a figure.
    """
    manifest = read_manifest(project, "verilog")
    program = find_program(_VIVADO, _WITHOUT)
    folder = _copy(project, "vivado")
    run_program([program, "-mode", "batch", "-source", "build_vivado_prj.tcl"], folder, folder / "vivado.log")
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
