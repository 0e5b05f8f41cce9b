"""VHDL as Verilog, by GHDL's synthesis."""

from __future__ import annotations

import shutil
from pathlib import Path

from l1ml.conversion.project import BUILD_FOLDER, project_files
from l1ml.conversion.toolchain import find_program, run_program

__all__ = ["has_ghdl", "verilog_of_vhdl"]

_PROGRAM = "ghdl"
_STANDARD = "--std=08"


def has_ghdl() -> bool:
    """Whether GHDL is on PATH."""
    return shutil.which(_PROGRAM) is not None


def verilog_of_vhdl(project: Path, top: str, instead: str) -> str:
    """Verilog of the entity `top` of the written ``vhdl`` `project`; `instead` is what works without GHDL, for the message.

    Raises
    ------
    ToolNotFoundError
        If GHDL is not on PATH, naming what works without it.
    ConversionError
        If GHDL refuses the sources.
    """
    ghdl = find_program([_PROGRAM], instead)
    folder = project / BUILD_FOLDER / "ghdl"
    shutil.rmtree(folder, ignore_errors=True)
    sources = [str(project / path) for path in sorted(project_files(project)) if path.suffix == ".vhd" and path.parts[0] == "src"]
    run_program([ghdl, "-i", _STANDARD, *sources], folder, folder / "import.log")
    run_program([ghdl, "-m", _STANDARD, top], folder, folder / "analysis.log")
    run_program([ghdl, "--synth", _STANDARD, "--out=verilog", top], folder, folder / "synthesis.log", output=folder / f"{top}.v")
    return (folder / f"{top}.v").read_text(encoding="utf-8")
