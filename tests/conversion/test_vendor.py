"""Parsers and plumbing of the vendor's tools, which are not here.

The reports under tests/data/reports are written by hand in the vendor's layout, and a shell script stands in for the tool; what
this proves is that l1ml reads such a report and refuses a broken one, not that a given release still writes it.
"""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import projects
import pytest

from l1ml.conversion import ConversionConfig, hls_project, vendor
from l1ml.conversion.toolchain import run_program
from l1ml.conversion.vendor_reports import read_csynth, read_utilization
from l1ml.errors import ConversionError, ToolNotFoundError

REPORTS = Path(__file__).parents[1] / "data" / "reports"
PART = "xcvu13p-flga2577-2-e"


def test_a_c_synthesis_report() -> None:
    report = read_csynth(REPORTS / "csynth.xml")
    assert (report.stage, report.tool, report.version, report.part) == ("hls", "Vitis HLS", "2023.2", PART)
    assert (report.lut, report.ff, report.dsp, report.bram18, report.uram, report.carry) == (20311, 4711, 8, 3, 0, None)
    assert (report.latency_cycles, report.interval_cycles, report.clock_ns) == (8, 1, 4.17)
    assert report.options == {"estimated_clock_ns": 3.037}


def test_a_utilization_report_counts_half_tiles() -> None:
    report = read_utilization(REPORTS / "utilization.rpt", 4.166)
    assert (report.stage, report.tool, report.version, report.part) == ("impl", "Vivado", "2023.2", PART)
    assert (report.lut, report.ff, report.dsp, report.bram18, report.uram, report.carry) == (5611, 4987, 8, 3, 2, 731)
    assert (report.latency_cycles, report.clock_ns) == (None, 4.166)


def test_the_design_state_is_the_stage(tmp_path: Path) -> None:
    text = (REPORTS / "utilization.rpt").read_text()
    path = tmp_path / "report.rpt"
    for state, stage in {"Synthesized": "synth", "Fully Placed": "impl", "Physopt postRoute": "impl"}.items():
        path.write_text(text.replace(": Routed", f": {state}"))
        assert read_utilization(path, 5.0).stage == stage
    path.write_text(text.replace(": Routed", ": Elaborated"))
    with pytest.raises(ConversionError, match="in the state 'Elaborated'"):
        read_utilization(path, 5.0)


@pytest.mark.parametrize(
    "row", ["CLB LUTs", "CLB Registers", "CARRY8", "Block RAM Tile", "URAM", "DSPs", "Device", "Tool Version"]
)
def test_a_missing_row_is_an_error_and_no_zero(tmp_path: Path, row: str) -> None:
    lines = (REPORTS / "utilization.rpt").read_text().splitlines(keepends=True)
    path = tmp_path / "report.rpt"
    path.write_text("".join(line for line in lines if not line.startswith(f"| {row}")))
    with pytest.raises(ConversionError, match="did not finish or the layout is unknown"):
        read_utilization(path, 5.0)


@pytest.mark.parametrize("node", ["LUT", "BRAM_18K", "Worst-caseLatency", "Interval-max", "Part", "EstimatedClockPeriod"])
@pytest.mark.parametrize("content", ["", "undef", None])
def test_a_missing_node_is_an_error_and_no_zero(tmp_path: Path, node: str, content: str | None) -> None:
    if content == "undef" and node == "Part":
        pytest.skip("not a count")
    replacement = "" if content is None else f"<{node}>{content}</{node}>"
    path = tmp_path / "csynth.xml"
    path.write_text(re.sub(f"<{node}>.*?</{node}>", replacement, (REPORTS / "csynth.xml").read_text(), count=1))
    with pytest.raises(ConversionError, match=re.escape(node)):
        read_csynth(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<DSP>8<", "<DSP>12289<", "12,289 DSP of 12,288 in the device: the design does not fit it"),
        ("<LUT>20311<", "<LUT>1728001<", "1,728,001 LUT"),
        ("<TargetClockPeriod>4.17<", "<TargetClockPeriod>4170<", r"8 cycles of 4170 ns are 33360 ns, the report says 33.36 ns"),
        ("33.360 ns</Worst", "33.360 us</Worst", "33360 ns: check its units"),
        ("33.360 ns</Worst", "33.360</Worst", "expected a number with one of the units"),
        ("<unit>ns</unit>\n<ProductFamily>", "<unit>us</unit>\n<ProductFamily>", "33360 ns, the report says 33.36 ns"),
        ("<unit>ns</unit>\n<ProductFamily>", "<unit>MHz</unit>\n<ProductFamily>", "one of the units"),
        ("<LUT>20311<", "<LUT>-5<", "LUT is '-5'"),
        ("<LUT>20311</LUT>", "<LUT>?</LUT>", r"LUT is '\?'"),
    ],
)
def test_implausible_figures_of_c_synthesis(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = (REPORTS / "csynth.xml").read_text()
    assert old in text
    path = tmp_path / "csynth.xml"
    path.write_text(text.replace(old, new))
    with pytest.raises(ConversionError, match=message):
        read_csynth(path)


@pytest.mark.parametrize("clock", ["4170", "0.00417", "240"])
def test_a_clock_in_another_unit(tmp_path: Path, clock: str) -> None:
    text = re.sub(r"<[A-Z]\w+-caseRealTimeLatency>.*\n", "", (REPORTS / "csynth.xml").read_text())
    path = tmp_path / "csynth.xml"
    path.write_text(text.replace("<TargetClockPeriod>4.17<", f"<TargetClockPeriod>{clock}<"))
    with pytest.raises(ConversionError, match=r"outside 0\.5 to 100 ns; is it in ps, us or MHz"):
        read_csynth(path)


def test_no_logic_at_all(tmp_path: Path) -> None:
    text = re.sub(r"<(LUT|FF|DSP|BRAM_18K|URAM)>\d+<", r"<\1>0<", (REPORTS / "csynth.xml").read_text())
    (tmp_path / "csynth.xml").write_text(text)
    # nothing is available then either, which is not what is wrong first
    with pytest.raises(ConversionError, match="no logic at all"):
        read_csynth(tmp_path / "csynth.xml")


def test_more_cells_than_the_device_has(tmp_path: Path) -> None:
    path = tmp_path / "report.rpt"
    path.write_text((REPORTS / "utilization.rpt").read_text().replace("| DSPs      |    8 |", "| DSPs      | 99999 |"))
    with pytest.raises(ConversionError, match="99,999 DSP of 12,288"):
        read_utilization(path, 5.0)


def test_a_truncated_or_absent_report(tmp_path: Path) -> None:
    (tmp_path / "csynth.xml").write_text((REPORTS / "csynth.xml").read_text()[:400])
    with pytest.raises(ConversionError, match="is no C synthesis report"):
        read_csynth(tmp_path / "csynth.xml")
    with pytest.raises(ConversionError, match="did not reach this stage"):
        read_utilization(tmp_path / "absent.rpt", 5.0)


def stand_in(folder: Path, name: str, body: str) -> None:
    script = folder / name
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    if any(vendor.vendor_tool(backend) for backend in ("vitis", "verilog")):
        pytest.skip("the real tools are in /usr/bin")
    return folder


def test_without_the_tools_the_error_names_them(tools: Path) -> None:
    del tools
    with pytest.raises(ToolNotFoundError, match="vitis-run or vitis_hls is not on PATH"):
        vendor.synthesise_with_hls(projects.written("vitis"))
    with pytest.raises(ToolNotFoundError, match="vivado is not on PATH"):
        vendor.synthesise_with_vivado(projects.written("verilog"))


@pytest.mark.parametrize(
    ("program", "arguments"), [("vitis_hls", "-f build_prj.tcl"), ("vitis-run", "--mode hls --tcl build_prj.tcl")]
)
def test_vitis_runs_on_a_copy_of_the_project(tools: Path, tmp_path: Path, program: str, arguments: str) -> None:
    folder = projects.project("vitis").write(tmp_path)
    report = "small_top_prj/solution1/syn/report"
    check = f'[ "$*" = "{arguments}" ] && grep -q "synth *1" build_opt.tcl && grep -q "cosim *0" build_opt.tcl'
    stand_in(tools, program, f"{check} && mkdir -p {report} && cp {REPORTS}/csynth.xml {report}/small_top_csynth.xml")
    assert vendor.vendor_tool("vitis") == program
    assert vendor.synthesise_with_hls(folder).lut == 20311
    assert projects.project("vitis").write(tmp_path) == folder
    assert (folder / "build/vitis/build_opt.tcl").is_file()


def test_vivado_gives_a_report_of_each_stage(tools: Path, tmp_path: Path) -> None:
    folder = projects.project("verilog").write(tmp_path)
    synth = f"sed 's/: Routed/: Synthesized/' {REPORTS}/utilization.rpt > $o/small_top_post_synth_util.rpt"
    routed = f"cp {REPORTS}/utilization.rpt $o/small_top_post_route_util.rpt"
    timing = " && ".join(f"cp {REPORTS}/timing.rpt $o/small_top_post_{step}_timing.rpt" for step in ("synth", "route"))
    stand_in(tools, "vivado", f"o=output_small_top/reports && mkdir -p $o && {synth} && {routed} && {timing}")
    reports = vendor.synthesise_with_vivado(folder)
    assert [report.stage for report in reports] == ["synth", "impl"]
    assert {(report.clock_ns, report.slack_ns, report.meets_clock) for report in reports} == {(4.166, 0.314, True)}


def test_a_tool_that_fails_is_quoted(tools: Path, tmp_path: Path) -> None:
    folder = projects.project("verilog").write(tmp_path)
    stand_in(tools, "vivado", "echo 'INFO: hello'; echo 'ERROR: [Common 17-345] no licence' >&2; exit 3")
    with pytest.raises(
        ConversionError, match=r"vivado failed \(3\): ERROR: \[Common 17-345\] no licence \(whole output: .*vivado\.log\)"
    ):
        vendor.synthesise_with_vivado(folder)
    assert shutil.which("vivado") == str(tools / "vivado")


def test_the_last_error_of_several_is_quoted(tools: Path, tmp_path: Path) -> None:
    folder = projects.project("vitis").write(tmp_path)
    stand_in(
        tools, "vitis_hls", "echo 'ERROR: first'; echo 'ERROR: [HLS 200-70] last'; echo 'INFO: 2 errors, 0 warnings'; exit 1"
    )
    with pytest.raises(
        ConversionError, match=r"vitis_hls failed \(1\): ERROR: \[HLS 200-70\] last \(whole output: .*vitis\.log\)"
    ):
        vendor.synthesise_with_hls(folder)


def test_a_tool_that_hangs_is_stopped_with_all_that_it_started(tools: Path, tmp_path: Path) -> None:
    folder = projects.project("verilog").write(tmp_path)
    stand_in(tools, "vivado", f"echo waiting for a licence; (sleep 3; touch {tmp_path}/still_alive) & wait")
    with pytest.raises(
        ConversionError, match=r"vivado was stopped after 0.5 s: waiting for a licence \(whole output: .*vivado\.log\)"
    ):
        vendor.synthesise_with_vivado(folder, 0.5)
    time.sleep(3)
    assert not (tmp_path / "still_alive").exists()


def test_a_tool_that_does_not_want_to_stop(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("l1ml.conversion.toolchain._GRACE_S", 0.2)
    stand_in(tools, "stubborn", "trap '' TERM; while true; do sleep 0.1; done")
    with pytest.raises(ConversionError, match=r"stubborn was stopped after 0\.2 s"):
        run_program([str(tools / "stubborn")], tmp_path, tmp_path / "log", timeout_s=0.2)


def test_vivado_hls_is_told_what_to_do(tools: Path, tmp_path: Path) -> None:
    folder = hls_project(projects.small_model(), ConversionConfig(hls_backend="vivado")).write(tmp_path)
    report = "small_top_prj/solution1/syn/report"
    check = '[ "$1 $2" = "-f build_prj.tcl" ] && echo "$3" | grep -q "csim=0 synth=1 cosim=0"'
    stand_in(tools, "vivado_hls", f"{check} && mkdir -p {report} && cp {REPORTS}/csynth.xml {report}/small_top_csynth.xml")
    assert vendor.synthesise_with_hls(folder).lut == 20311
