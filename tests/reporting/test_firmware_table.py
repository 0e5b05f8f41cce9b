from __future__ import annotations

from dataclasses import asdict
from typing import Any

from l1ml.conversion import SynthesisReport
from l1ml.hardware import DEVICES
from l1ml.reporting.firmware_table import firmware_table, synthesis_row
from l1ml.reporting.formatting import ABSENT
from l1ml.reporting.verdict import judge

PART = "xcvu13p-flga2577-2-e"
LATENCY = {"cycles": 9, "interval_cycles": 1, "clock_ns": 4.166, "measured_by": "Verilator 5.48.0 simulation"}


def row(stage: str, tool: str, **figures: Any) -> dict[str, Any]:
    report = SynthesisReport(stage, tool, "1.0", PART, clock_ns=4.166, **figures)  # type: ignore[arg-type]
    return synthesis_row(report.to_dict(), asdict(DEVICES[0]))


def cells(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    table = firmware_table(rows, LATENCY, PART)
    return [dict(zip(table.columns, item, strict=True)) for item in table.rows]


def test_stages_stand_side_by_side_and_the_measured_latency_below() -> None:
    found = cells(
        [row("estimate", "alkaid", lut=7031, latency_cycles=8), row("synth", "Yosys", lut=10213), row("impl", "Vivado", lut=6900)]
    )
    assert [item["LUT"] for item in found] == ["7,031 (0.41 %)", "10,213 (0.59 %)", "6,900 (0.4 %)", ABSENT]
    assert [item["latency [cycles]"] for item in found] == ["8", ABSENT, ABSENT, "9"]
    assert {item["clock [ns]"] for item in found} == {"4.166"}
    assert found[0]["tool, version, stage"] == "alkaid 1.0, estimate before synthesis"
    assert found[-1]["tool, version, stage"] == "Verilator 5.48.0 simulation of the RTL (measured)"


def test_every_figure_before_routing_has_its_spread_beside_it() -> None:
    found = cells(
        [
            row("estimate", "alkaid", lut=1),
            row("synth", "Yosys", lut=1),
            row("hls", "Vitis HLS", lut=1),
            row("impl", "Vivado", lut=1),
        ]
    )
    *before, routed = [item["LUT over Vivado's"] for item in found[:4]]
    assert all(text.startswith("x") and "networks" in text for text in before)
    assert routed == ABSENT


def test_another_vendors_device_has_counts_and_neither_shares_nor_a_spread() -> None:
    report = SynthesisReport("estimate", "alkaid", "1.0", "MPF300", clock_ns=4.166, lut=7031)
    (found, _) = cells([synthesis_row(report.to_dict(), {"part": "MPF300"})])
    assert (found["LUT"], found["LUT over Vivado's"]) == ("7,031", ABSENT)


def test_a_clock_that_is_not_met_says_so() -> None:
    met, missed = cells([row("impl", "Vivado", lut=1, slack_ns=0.314), row("impl", "Vivado", lut=1, slack_ns=-0.212)])[:2]
    assert (met["WNS [ns]"], met["fmax [MHz]"]) == ("+0.314", "260")
    assert (missed["WNS [ns]"], missed["fmax [MHz]"]) == ("-0.212 (not met)", "228")


def test_the_verdict_asks_for_the_clock_where_a_routed_design_was_timed(content: dict[str, Any]) -> None:
    from l1ml.reporting.verdict import Criteria

    assert "Meets its clock" not in {item.name for item in judge(content, Criteria()).criteria}
    for slack, passed in {0.314: True, -0.212: False}.items():
        rows = [*content["synthesis"], row("impl", "Vivado", lut=1, slack_ns=slack)]
        answers = {item.name: item for item in judge({**content, "synthesis": rows}, Criteria()).criteria}
        assert answers["Meets its clock"].passed is passed
        assert f"WNS {slack:+.3f} ns" in answers["Meets its clock"].found


def test_a_cosimulation_has_a_row_of_its_own() -> None:
    row = {"tool": "co-simulation of Vitis HLS", "version": "2023.2", "part": PART, "clock_ns": 4.17}
    table = firmware_table([], None, PART, [{**row, "min_cycles": 8, "max_cycles": 9, "interval_cycles": None}])
    found = dict(zip(table.columns, table.rows[0], strict=True))
    assert found["tool, version, stage"] == "co-simulation of Vitis HLS 2023.2 (measured)"
    assert (found["latency [cycles]"], found["interval [cycles]"], found["LUT"]) == ("8 to 9", ABSENT, ABSENT)
