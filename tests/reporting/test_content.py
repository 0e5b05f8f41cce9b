from __future__ import annotations

import pytest

from l1ml.reporting.content import report_content
from l1ml.reporting.firmware_table import synthesis_label


def test_latency_in_all_units(content):
    latency = content["latency"]
    assert latency["latency_ns"] == pytest.approx(37.5)
    assert latency["latency_bx"] == pytest.approx(1.5)
    assert latency["interval_ns"] == pytest.approx(1000 / 240)


def test_shares_of_the_device_only_for_what_was_counted(content):
    estimate, yosys = content["synthesis"]
    assert "carry" not in estimate["device_percent"]
    assert yosys["device_percent"]["lut"] == pytest.approx(100 * 10213 / 1728000)


@pytest.mark.parametrize(
    ("tool", "stage", "label"),
    [
        ("alkaid", "estimate", "alkaid 1, estimate before synthesis"),
        ("yosys", "synth", "yosys 1, synth (not Vivado)"),
        ("vivado", "impl", "vivado 1, impl"),
        ("vitis_hls", "hls", "vitis_hls 1, hls"),
        ("vivado", "estimate", "vivado 1, estimate before synthesis"),
    ],
)
def test_labels(tool, stage, label):
    assert synthesis_label({"tool": tool, "version": "1", "stage": stage}) == label


def test_working_points_lie_on_the_roc(content):
    roc = content["roc"]["axo"]
    for point in roc["working_points"]:
        for signal, curve in roc["curves"].items():
            above = [
                value for word, value in zip(curve["threshold"], curve["efficiency"], strict=True) if word >= point["threshold"]
            ]
            below = [
                value for word, value in zip(curve["threshold"], curve["efficiency"], strict=True) if word <= point["threshold"]
            ]
            assert max(above) <= point["efficiency"][signal]["efficiency"] <= min(below)


def test_files_that_called_every_score_an_anomaly_are_read(steps, content):
    rates = steps["decision"]["rates"]
    rates["with_anomaly"] = rates.pop("with_score")
    for row in rates["rows"]:
        row["kind"] = row["kind"].replace("crossing_score", "anomaly")
    former = report_content("axo", steps)
    assert (former["menu"], former["menu_totals"]) == (content["menu"], content["menu_totals"])


def test_score_distribution_knows_the_thresholds(content):
    words = {name: row["threshold"][0] for name, row in content["menu"].items() if row["kind"] == "crossing_score"}
    assert content["score_distributions"][0]["thresholds"] == words


def test_conditions_of_the_sample_are_never_guessed(steps):
    assert report_content("axo", steps)["label"] == {"energy_tev": 13.6, "pileup": 60.0, "text": "13.6 TeV, ⟨PU⟩ = 60"}
    steps["events"]["conditions"] = {"energy_gev": 14000.0, "pileup": 200.0}
    assert report_content("axo", steps)["label"]["text"] == "14 TeV, ⟨PU⟩ = 200"
    del steps["events"]["conditions"]
    assert report_content("axo", steps)["label"]["text"] == "conditions not recorded"
