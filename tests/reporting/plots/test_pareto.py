from __future__ import annotations

import pytest
from matplotlib import pyplot as plt

from l1ml.reporting.plots import plot_pareto
from l1ml.reporting.scan_figure import render_scan


def row(bits, score, lut, latency, pareto):
    names = {"hidden": "32-16", "lut_tool": "alkaid 0.8.2, estimate before synthesis", "lut_spread": "x0.73 to x1.03"}
    return {
        "weight_bits": bits,
        "score": score,
        "score_error": 0.01,
        "lut": lut,
        "latency_ns": latency,
        "pareto": pareto,
        **names,
    }


@pytest.fixture(autouse=True)
def no_window_is_left_open():
    yield
    plt.close("all")


@pytest.fixture
def result():
    rows = [row(4, 0.2, 5000, 33.0, True), row(6, 0.3, 9000, 37.0, True), row(6, 0.1, 9500, 41.0, False)]
    return {"model": "axo", "scan": {"score": "efficiency", "rate_khz": 5.0}, "designs": rows}


def test_the_front_rises_and_a_beaten_design_is_hollow(result):
    artists = plot_pareto(result, "lut")
    assert artists.front.get_xydata().tolist() == [[5000, 0.2], [9000, 0.3], [9500, 0.3]]
    assert [bar[0].get_markerfacecolor() for bar in artists.points].count("white") == 1
    assert artists.ax.get_ylabel() == "mean signal efficiency at 5 kHz"
    assert "estimate before synthesis,\nx0.73 to x1.03" in artists.ax.get_xlabel()


def test_a_loss_falls_and_a_design_without_the_figure_is_left_out(result):
    result["scan"]["score"] = "val_loss"
    result["designs"][0]["yosys_lut"] = 7000
    artists = plot_pareto(result, "yosys_lut")
    assert artists.front.get_xydata().tolist() == [[7000, 0.2]]
    assert (artists.ax.get_xlabel(), artists.ax.get_ylabel()) == ("LUT (Yosys, not Vivado)", "validation loss")
    assert [point[1] for point in plot_pareto(result, "lut").front.get_xydata().tolist()] == [0.2, 0.2, 0.1]


def test_both_panels_make_one_picture(result):
    picture = render_scan(result)
    assert picture.startswith(b"\x89PNG")
    assert picture == render_scan(result)
