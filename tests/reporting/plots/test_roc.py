from __future__ import annotations

import numpy as np

from l1ml.reporting.plots import plot_roc


def test_curves_and_working_points_are_the_numbers(content):
    roc = content["roc"]["axo"]
    artists = plot_roc(roc)
    for signal, curve in roc["curves"].items():
        np.testing.assert_array_equal(artists.curves[signal].get_xdata(), curve["rate_khz"])
        np.testing.assert_array_equal(artists.curves[signal].get_ydata(), curve["efficiency"])
    assert artists.ax.get_xscale() == "log"
    assert (artists.ax.get_xlabel(), artists.ax.get_ylabel()) == ("zero-bias rate [kHz]", "signal efficiency")
    markers = [(bars.lines[0].get_xdata()[0], bars.lines[0].get_ydata()[0]) for bars in artists.working_points]
    expected = [
        (point["rate_khz"], item["efficiency"]) for point in roc["working_points"] for item in point["efficiency"].values()
    ]
    assert markers == expected


def test_a_point_without_rate_is_left_out(content):
    roc = content["roc"]["axo"]
    roc["working_points"][0]["rate_is_upper_limit"] = True
    assert len(plot_roc(roc).working_points) == 2
