"""VHDL as Verilog, by GHDL's synthesis."""

from __future__ import annotations

import shutil
from pathlib import Path

from l1ml.conversion.project import BUILD_FOLDER, project_files
from l1ml.conversion.toolchain import find_program, run_program
from l1ml.emulation.shared_library import WITHOUT_COMPILER

__all__ = ["verilog_of_vhdl"]

_STANDARD = "--std=08"


def verilog_of_vhdl(project: Path, top: str) -> str:
    """Verilog of the entity `top` of the written ``vhdl`` `project`.

    Raises
    ------
    ToolNotFoundError
        If GHDL is not on PATH, naming the verb that works without it.
    ConversionError
        If GHDL refuses the sources.
    """
    ghdl = find_program(["ghdl"], WITHOUT_COMPILER)
    folder = project / BUILD_FOLDER / "ghdl"
    shutil.rmtree(folder, ignore_errors=True)
    sources = [str(project / path) for path in sorted(project_files(project)) if path.suffix == ".vhd" and path.parts[0] == "src"]
    run_program([ghdl, "-i", _STANDARD, *sources], folder, folder / "import.log")
    run_program([ghdl, "-m", _STANDARD, top], folder, folder / "analysis.log")
    run_program([ghdl, "--synth", _STANDARD, "--out=verilog", top], folder, folder / "synthesis.log", output=folder / f"{top}.v")
    return (folder / f"{top}.v").read_text(encoding="utf-8")
