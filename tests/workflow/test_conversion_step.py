"""Projects of other back ends than the recipe's, and the steps that read them."""

from __future__ import annotations

from pathlib import Path

import projects
import pytest

from l1ml.cli.main import main
from l1ml.conversion.config import RTL_LANGUAGES
from l1ml.conversion.ghdl import has_ghdl
from l1ml.conversion.hls_backends import HLS_BACKENDS
from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT
from l1ml.workflow.conversion_step import CONVERSION
from l1ml.workflow.step import perform
from l1ml.workflow.synthesis_step import SYNTHESIS
from l1ml.workflow.verification_step import verification_step
from l1ml.workflow.workspace import Workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    projects.small_model().save(tmp_path / "small")
    text = '[model]\nname = "small"\n[conversion]\nhls_backend = "catapult"\n[verification]\nn_random = 500\n'
    (tmp_path / "small" / "model.toml").write_text(text)
    return tmp_path / "small"


def test_the_recipe_names_the_back_end_and_later_steps_find_it(folder: Path, tmp_path: Path) -> None:
    workspace = Workspace(folder, tmp_path / "projects")
    content = perform(CONVERSION, workspace, SILENT).content
    assert set(content["projects"]) == {"catapult", "verilog"}
    assert workspace.project(HLS_BACKENDS).name.startswith("small-catapult-")
    assert workspace.project(RTL_LANGUAGES).name.startswith("small-verilog-")
    verified = perform(verification_step(["integers", "c_simulation"]), workspace, SILENT).content
    assert [(pair["n_words"], pair["n_mismatched"]) for pair in verified["pairs"]] == [(564, 0)]
    with pytest.raises(DataError, match=r"a vhdl project is needed, there are catapult, verilog; make it with: l1ml convert"):
        workspace.project(["vhdl"])


def test_options_stand_in_for_the_recipe(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "projects"
    options = [
        "--hls-backend",
        "vivado",
        "--io-type",
        "io_stream",
        "--rtl-language",
        "vhdl",
        "--stages",
        "2",
        "--reuse-factor",
        "1",
    ]
    assert main(["convert", str(folder), "--projects", str(root), *options]) == 0
    assert sorted(path.name.rpartition("-")[0] for path in root.iterdir()) == ["small-vhdl", "small-vivado"]
    assert main(["convert", str(folder), "--projects", str(root), "--hls-backend", "oneapi"]) == 1
    assert "'xcvu13p-flga2577-2-e' is one of AMD" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["synth", str(folder), "--tool-timeout", "0"])


@pytest.mark.filterwarnings("ignore:ghdl is not on PATH:RuntimeWarning")
def test_a_recipe_in_vhdl_is_synthesised(folder: Path, tmp_path: Path) -> None:
    workspace = Workspace(folder, tmp_path / "projects", conversion={"rtl_language": "vhdl"})
    perform(CONVERSION, workspace, SILENT)
    reports = perform(SYNTHESIS, workspace, SILENT).content["reports"]
    tools = ["alkaid", *(["Yosys through GHDL"] if has_ghdl() else [])]
    assert [report["tool"] for report in reports] == tools


def test_a_device_of_another_vendor_gets_no_count_of_amd_cells(folder: Path, tmp_path: Path) -> None:
    workspace = Workspace(folder, tmp_path / "projects", conversion={"hls_backend": "libero", "part": "MPF300"})
    perform(CONVERSION, workspace, SILENT)
    with pytest.warns(RuntimeWarning, match="'MPF300' is of none of AMD's families, which Yosys knows: no Yosys count of small"):
        content = perform(SYNTHESIS, Workspace(folder, tmp_path / "projects"), SILENT).content
    assert [(report["tool"], report["part"]) for report in content["reports"]] == [("alkaid", "MPF300")]
    assert content["device"] == {"part": "MPF300"}


def test_a_place_that_is_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", str(folder), "--projects", str(folder / "model.toml")]) == 1
    assert "model.toml is a file; name another folder with --projects" in capsys.readouterr().err


def test_replaced_entries_are_checked(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="stages must be at least 1"):
        perform(CONVERSION, Workspace(folder, tmp_path, conversion={"stages": 0}), SILENT)
