from __future__ import annotations

import numpy as np

from l1ml.reporting.performance_tables import driving_inputs, stability_rows
from l1ml.reporting.plots import plot_closure, plot_importance, plot_stability, plot_working_points


def test_the_curve_is_the_efficiency_in_per_cent(content):
    score = content["evaluation"]["scores"]["axo"]
    artists = plot_working_points(score)
    for signal, line in artists.curves.items():
        np.testing.assert_array_equal(line.get_xdata(), [point["rate_khz"] for point in score["curve"]])
        expected = [100 * point["signals"][signal]["efficiency"] for point in score["curve"]]
        np.testing.assert_allclose(line.get_ydata(), np.maximum(expected, 0.01))
    assert len(artists.points) == 2 * 2  # signals and working points
    assert artists.ax.get_xscale() == artists.ax.get_yscale() == "log"


def test_ratios_stand_in_the_rows_of_their_conditions(content):
    rows = [row for row in stability_rows(content, "axo") if row["target_khz"] == 60.0]
    rows[1]["signals"]["ttbar"]["ratio"] = {"value": None, "error": None}
    artists = plot_stability(rows)
    labels = [label.get_text() for label in artists.ax.get_yticklabels()]
    assert labels == [row["conditions"] for row in rows]
    values = artists.ratios["zero_bias"].lines[0].get_xdata()
    np.testing.assert_array_equal(values, [row["ratio"]["value"] for row in rows])
    assert len(artists.ratios["ttbar"].lines[0].get_xdata()) == len(rows) - 1


def test_inputs_stand_in_their_order(content):
    items = driving_inputs(content["evaluation"]["scores"]["axo"]["importance"], "permuted", 5)
    artists = plot_importance(items)
    assert [label.get_text() for label in artists.ax.get_yticklabels()] == [item["name"].replace("_", " ") for item in items]
    values = artists.kept["ttbar"].lines[0].get_xdata()
    np.testing.assert_array_equal(values, [item["kept"]["ttbar"]["value"] for item in items])


def test_closure_stands_at_the_share_in_a(background):
    line = plot_closure(background).closure.lines[0]
    assert (line.get_xdata()[0], line.get_ydata()[0]) == (2.04, 1.0132)
