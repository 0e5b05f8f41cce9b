"""C++ sources into a shared library, by g++ alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from l1ml.conversion.project import BUILD_FOLDER
from l1ml.conversion.toolchain import find_program, run_program
from l1ml.storage import atomic_path, digest_of, disk_errors

__all__ = ["WITHOUT_COMPILER", "Unit", "bench_source", "build_library", "compiler", "library_path", "workspace"]

WITHOUT_COMPILER = "compare with the integer emulator, which needs no compiler: l1ml verify <model folder> --with keras,integers"

_FLAGS = ("-std=c++17", "-fPIC", "-w", "-pthread")


@dataclass(frozen=True, slots=True)
class Unit:
    """One C++ source and how to compile it."""

    source: Path
    flags: tuple[str, ...]


def bench_source(name: str) -> str:
    """Text of the C++ bench `name`, package data of l1ml."""
    return (files("l1ml.emulation") / "benches" / name).read_text(encoding="utf-8")


def compiler() -> str:
    """Path of g++.

    Raises
    ------
    ToolNotFoundError
        If it is not on PATH, naming the verb that works without it.
    """
    return find_program(["g++"], WITHOUT_COMPILER)


def library_path(project: Path, kind: str, content: Mapping[str, str]) -> Path:
    """Where the library of `kind` belongs that was built from exactly `content` (texts and digests)."""
    return project / BUILD_FOLDER / f"{kind}-{digest_of(dict(content))[:12]}.so"


@contextmanager
def workspace(library: Path) -> Iterator[Path]:
    """Folder beside `library` for objects and logs, of this process alone; kept only on failure, for its logs."""
    folder = library.with_name(f"{library.stem}.{os.getpid()}")
    shutil.rmtree(folder, ignore_errors=True)
    with disk_errors(folder):
        folder.mkdir(parents=True)
        yield folder
    shutil.rmtree(folder)


def build_library(units: Sequence[Unit], library: Path, folder: Path, link_flags: Sequence[str] = ()) -> None:
    """Compile `units`, as many at once as there are cores, and link them to `library`; objects and logs go to `folder`.

    Raises
    ------
    ToolNotFoundError
        If g++ is not on PATH.
    ConversionError
        If it refuses a source.
    """
    gxx = compiler()

    def compile_unit(unit: Unit) -> str:
        target = folder / f"{unit.source.stem}.o"
        run_program([gxx, *_FLAGS, *unit.flags, "-c", str(unit.source), "-o", str(target)], folder, target.with_suffix(".log"))
        return str(target)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        objects = list(pool.map(compile_unit, units))
    with atomic_path(library) as part:
        run_program([gxx, "-shared", "-pthread", *link_flags, "-o", str(part), *objects], folder, folder / "link.log")
