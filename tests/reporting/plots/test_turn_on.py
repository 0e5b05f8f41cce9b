from __future__ import annotations

import numpy as np

from l1ml.reporting.plots import plot_turn_on
from l1ml.reporting.plots.appearance import process_colours


def of_muon(content):
    return [item for item in content["turn_ons"] if item["algorithm"] == "L1_SingleMu22"]


def test_points_are_the_filled_bins(content):
    curves = of_muon(content)
    artists = plot_turn_on(curves)
    for item in curves:
        filled = [value for value in item["efficiency"] if value is not None]
        np.testing.assert_array_equal(artists.curves[item["signal"]].lines[0].get_ydata(), filled)
    assert artists.ax.get_xlabel() == "generated leading muon pt [GeV]"
    assert artists.ax.get_legend().get_title().get_text() == "SingleMu22"


def test_a_signal_keeps_its_colour_when_others_are_missing(content):
    artists = plot_turn_on(of_muon(content)[1:], signals=["haa4b", "ttbar"])
    assert artists.curves["ttbar"].lines[0].get_color() == process_colours(["haa4b", "ttbar"])["ttbar"]
