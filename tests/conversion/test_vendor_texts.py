"""Text and export reports of the vendor's tools: golden ones in their layout, written by hand, and each broken in turn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from l1ml.conversion.cosim_report import read_cosim
from l1ml.conversion.csynth_text import read_csynth_text
from l1ml.conversion.export_report import read_export
from l1ml.conversion.timing_summary import read_timing_summary
from l1ml.conversion.vendor_reports import read_csynth, read_routed
from l1ml.errors import ConversionError

REPORTS = Path(__file__).parents[1] / "data" / "reports"
PART = "xcvu13p-flga2577-2-e"


def cosim(path: Path) -> Any:
    return read_cosim(path, version="2023.2", part=PART, clock_ns=4.17)


def test_the_text_says_what_the_xml_says() -> None:
    text, xml = read_csynth_text(REPORTS / "csynth.rpt").to_dict(), read_csynth(REPORTS / "csynth.xml").to_dict()
    assert text.pop("options") == {"estimated_clock_ns": 3.037, "best_latency_cycles": 8}
    assert xml.pop("options") == {"estimated_clock_ns": 3.037}
    assert text == xml


def test_vivado_hls_2020_writes_the_same_table_with_other_names(tmp_path: Path) -> None:
    text = (REPORTS / "csynth.rpt").read_text().replace("Vitis HLS", "Vivado HLS").replace("  DSP  |", " DSP48E|")
    (tmp_path / "csynth.rpt").write_text(text.replace("  8|  33.360 ns|  33.360 ns|", "1044|   4.353 us|   4.353 us|"))
    report = read_csynth_text(tmp_path / "csynth.rpt")
    assert (report.tool, report.dsp, report.latency_cycles) == ("Vivado HLS", 8, 1044)


def test_the_cosimulation_gives_three_latencies_and_an_interval() -> None:
    report = cosim(REPORTS / "cosim.rpt")
    assert (report.min_cycles, report.average_cycles, report.max_cycles, report.interval_cycles) == (8, 8.0, 9, 2)
    assert (report.tool, report.max_ns) == ("co-simulation of Vitis HLS", pytest.approx(37.53))


def test_the_exports_of_both_stages() -> None:
    synth, impl = (read_export(REPORTS / f"export_{run}.xml") for run in ("syn", "impl"))
    assert [(item.stage, item.tool, item.version, item.part) for item in (synth, impl)] == [
        ("synth", "Vivado by Vitis HLS", "2023.2", PART),
        ("impl", "Vivado by Vitis HLS", "2023.2", PART),
    ]
    assert (impl.lut, impl.ff, impl.dsp, impl.bram18, impl.uram) == (8317, 4722, 8, 3, 0)
    assert (synth.slack_ns, synth.meets_clock) == (0.759, True)
    assert (impl.slack_ns, impl.meets_clock, impl.period_ns) == (-0.212, False, pytest.approx(4.382))


def test_slacks_join_the_resources_of_the_same_design(tmp_path: Path) -> None:
    report = read_routed(REPORTS / "utilization.rpt", REPORTS / "timing.rpt", 4.166)
    assert (report.lut, report.slack_ns, report.hold_slack_ns, report.meets_clock) == (5611, 0.314, 0.021, True)
    assert report.fmax_mhz == pytest.approx(1e3 / 3.852)
    with pytest.raises(ConversionError, match=r"constrains clk to 4\.166 ns, the project is built for 5 ns"):
        read_routed(REPORTS / "utilization.rpt", REPORTS / "timing.rpt", 5.0)
    (tmp_path / "timing.rpt").write_text((REPORTS / "timing.rpt").read_text().replace(": axo_top\n", ": other_top\n"))
    with pytest.raises(ConversionError, match="are of different designs: axo_top, other_top"):
        read_routed(REPORTS / "utilization.rpt", tmp_path / "timing.rpt", 4.166)


def test_a_clock_that_is_not_met_is_read(tmp_path: Path) -> None:
    text = (REPORTS / "timing.rpt").read_text()
    for old, new in {
        "      0.314        0.000                      0 ": "     -0.594     -978.032                   3121 ",
        "All user specified timing constraints are met.": "Timing constraints are not met.",
    }.items():
        text = text.replace(old, new)
    (tmp_path / "timing.rpt").write_text(text)
    found = read_timing_summary(tmp_path / "timing.rpt")
    assert (found.slack_ns, found.total_slack_ns, found.failing_endpoints) == (-0.594, -978.032, 3121)


BROKEN = [
    (read_csynth_text, "csynth.rpt", "|        8|        8|", "|        ?|        ?|", r"min is '\?'"),
    (read_csynth_text, "csynth.rpt", "|        8|        8|", "|    undef|    undef|", "'undef'"),
    (read_csynth_text, "csynth.rpt", "    1|    1|", "    -|    -|", "Interval, max is '-'"),
    (read_csynth_text, "csynth.rpt", "33.360 ns|    1", "33.360 us|    1", "33360 ns: check its units"),
    (read_csynth_text, "csynth.rpt", "33.360 ns|    1", "   33.360|    1", "one of the units"),
    (read_csynth_text, "csynth.rpt", "  4.17 ns|", "4170.0 ns|", "33360 ns, the report says 33.36 ns"),
    (read_csynth_text, "csynth.rpt", "    8|     4711|    20311|", "    8|     4711|        -|", "Total, LUT is '-'"),
    (read_csynth_text, "csynth.rpt", "    8|     4711|    20311|", "    8|     4711|  9920311|", "9,920,311 LUT"),
    (read_csynth_text, "csynth.rpt", "== Vitis HLS Report for", "== Report for", "is no C synthesis report"),
    (read_csynth_text, "csynth.rpt", "|Total ", "|Sum   ", "Total is None"),
    (read_csynth_text, "csynth.rpt", "* Target device:", "* Device:", "Target device is None"),
    (cosim, "cosim.rpt", "      Pass|", "      Fail|", "says 'Fail'"),
    (cosim, "cosim.rpt", "   Verilog|      Pass|", "   Verilog|        NA|", "neither Verilog nor VHDL was simulated"),
    (cosim, "cosim.rpt", "Pass|              8|", "Pass|              x|", "least latency is 'x'"),
    (cosim, "cosim.rpt", "Pass|              8|", "Pass|             10|", "no least, mean and largest"),
    (cosim, "cosim.rpt", "   Verilog|", "   SystemC|", "neither"),
    (read_export, "export_impl.xml", "<LUT>8317</LUT>", "<LUT></LUT>", "LUT is ''"),
    (read_export, "export_impl.xml", "<DSP>8</DSP>", "<DSP>12300</DSP>", "12,300 DSP of 12,288"),
    (read_export, "export_impl.xml", "<TIMING_MET>FALSE<", "<TIMING_MET>TRUE<", "TIMING_MET is TRUE with a slack of -0.212 ns"),
    (read_export, "export_impl.xml", "<TIMING_MET>FALSE<", "<TIMING_MET>NA<", "TIMING_MET is 'NA'"),
    (read_export, "export_impl.xml", "<WNS_FINAL>-0.212<", "<WNS_FINAL>0.212<", "WNS_FINAL is 0.212 ns"),
    (read_export, "export_impl.xml", "<AchievedClockPeriod>4.382<", "<AchievedClockPeriod>NA<", "ClockPeriod is 'NA'"),
    (read_export, "export_impl.xml", "<AchievedClockPeriod>4.382<", "<AchievedClockPeriod>4382<", "WNS_FINAL"),
    (read_export, "export_impl.xml", "<RUN_TYPE>impl<", "<RUN_TYPE>csim<", "run 'csim'"),
    (read_export, "export_impl.xml", 'NAME="Target device"', 'NAME="Device"', "Target device is None"),
    (read_export, "export_impl.xml", "</profile>", "", "is no export report"),
    (read_timing_summary, "timing.rpt", "      0.314        0.000 ", "     -0.314        0.000 ", "WNS -0.314 ns with TNS 0 ns"),
    (read_timing_summary, "timing.rpt", "      0.314        0.000 ", "         NA           NA ", "WNS is 'NA'"),
    (read_timing_summary, "timing.rpt", "      0.314        0.000 ", "        inf        0.000 ", "WNS is 'inf'"),
    (read_timing_summary, "timing.rpt", "4.166           240.038", "4166.0          240.038", "outside 0.5 to 100 ns"),
    (read_timing_summary, "timing.rpt", "4.166           240.038", "5.000           240.038", "5 ns is not 240.038 MHz"),
    (read_timing_summary, "timing.rpt", "clk    {0.000 2.083}", "clk    ", "0 clocks in its Clock Summary"),
    (read_timing_summary, "timing.rpt", "| Design Timing Summary", "| Summary", "Design Timing Summary is None"),
    (read_timing_summary, "timing.rpt", "All user specified timing", "Timing constraints are not met. ", "no negative slack"),
]  # fmt: skip


@pytest.mark.parametrize(("read", "name", "edit"), [(read, name, tuple(edit)) for read, name, *edit in BROKEN])
def test_a_broken_report_is_refused(tmp_path: Path, read: Callable[[Path], Any], name: str, edit: tuple[str, str, str]) -> None:
    old, new, message = edit
    text = (REPORTS / name).read_text()
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new, 1))
    with pytest.raises(ConversionError, match=message):
        read(tmp_path / name)


@pytest.mark.parametrize("read", [read_csynth_text, cosim, read_export, read_timing_summary])
def test_an_absent_report(tmp_path: Path, read: Callable[[Path], Any]) -> None:
    with pytest.raises(ConversionError, match="did not reach this stage"):
        read(tmp_path / "absent")
