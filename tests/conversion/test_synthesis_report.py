from __future__ import annotations

import json

import pytest

from l1ml.conversion import SynthesisReport
from l1ml.conversion.latency_report import LatencyReport
from l1ml.conversion.plausibility import require_network
from l1ml.errors import ConversionError

PART = "xcvu13p-flga2577-2-e"


def test_a_report_of_nothing_is_refused() -> None:
    with pytest.raises(ConversionError, match="Yosys 1 reports no logic at all"):
        SynthesisReport("synth", "Yosys", "1", PART, lut=0, ff=0, dsp=0, bram18=0)
    with pytest.raises(ConversionError, match="unknown stage 'guess'"):
        SynthesisReport("guess", "Yosys", "1", PART, lut=1)  # type: ignore[arg-type]


def test_a_figure_that_a_stage_does_not_give_is_none() -> None:
    content = SynthesisReport("estimate", "alkaid", "0.8.2", PART, lut=5).to_dict()
    assert content["lut"] == 5
    assert content["dsp"] is content["slack_ns"] is content["fmax_mhz"] is content["meets_clock"] is None
    assert json.loads(json.dumps(content)) == content


def test_negative_slack_is_a_finding_and_not_an_error() -> None:
    report = SynthesisReport("impl", "Vivado", "2023.2", PART, lut=35684, clock_ns=2.0, slack_ns=-0.594, hold_slack_ns=0.043)
    assert report.meets_clock is False
    assert report.period_ns == pytest.approx(2.594)
    assert report.fmax_mhz == pytest.approx(385.505, abs=1e-3)
    held = SynthesisReport("impl", "Vivado", "2023.2", PART, lut=1, clock_ns=5.0, slack_ns=0.1, hold_slack_ns=-0.01)
    assert held.meets_clock is False


@pytest.mark.parametrize("clock_ns", [4166.0, 0.004166, 240.0, 100.0, 0.0, -5.0, float("nan")])
def test_a_clock_in_another_unit(clock_ns: float) -> None:
    with pytest.raises(ConversionError, match="is it in ps, us or MHz"):
        SynthesisReport("impl", "Vivado", "2023.2", PART, lut=1, clock_ns=clock_ns)


@pytest.mark.parametrize("slack_ns", [314.0, 4.2, -594.0])
def test_a_slack_in_another_unit(slack_ns: float) -> None:
    with pytest.raises(ConversionError, match=r"does not go with a clock of 4\.166 ns"):
        SynthesisReport("impl", "Vivado", "2023.2", PART, lut=1, clock_ns=4.166, slack_ns=slack_ns)


def test_a_routed_design_fits_its_part_and_an_estimate_need_not() -> None:
    counts = {"lut": 2_011_000, "dsp": 12_289}
    assert SynthesisReport("estimate", "alkaid", "0.8.2", PART, lut=counts["lut"]).lut == counts["lut"]
    for name, count in counts.items():
        with pytest.raises(ConversionError, match=rf"{count:,} {name.upper()} are routed in {PART}, which has"):
            SynthesisReport("impl", "Vivado", "2023.2", "xcvu13pflga2577-2", **{name: count})  # type: ignore[arg-type]
    assert SynthesisReport("impl", "Vivado", "2023.2", "xc7z999", lut=counts["lut"]).lut == counts["lut"]


def test_a_netlist_that_lost_its_weights() -> None:
    estimate = SynthesisReport("estimate", "alkaid", "0.8.2", PART, lut=7031)
    lost = SynthesisReport("impl", "Vivado", "2023.2", PART, lut=235, ff=100, dsp=0)
    with pytest.raises(ConversionError, match="235 LUT and 0 DSP where alkaid estimates 7,031 LUT: did it find all weights"):
        require_network(lost, estimate)
    require_network(SynthesisReport("hls", "Vitis HLS", "2023.2", PART, lut=235, interval_cycles=32), estimate)
    require_network(SynthesisReport("hls", "Vitis HLS", "2023.2", PART, lut=235, dsp=40, interval_cycles=1), estimate)
    require_network(estimate, estimate)


def test_latencies_are_in_order_and_their_clock_is_in_ns() -> None:
    report = LatencyReport("xsim", "2023.2", PART, 8, 8.5, 9, 1, 4.166)
    assert report.to_dict()["max_ns"] == pytest.approx(37.494)
    with pytest.raises(ConversionError, match="no least, mean and largest"):
        LatencyReport("xsim", "2023.2", PART, 9, 8.5, 8, 1, 4.166)
    with pytest.raises(ConversionError, match="an interval of 0 cycles"):
        LatencyReport("xsim", "2023.2", PART, 8, 8, 8, 0, 4.166)
    with pytest.raises(ConversionError, match="is it in ps"):
        LatencyReport("xsim", "2023.2", PART, 8, 8, 8, 1, 4166.0)
