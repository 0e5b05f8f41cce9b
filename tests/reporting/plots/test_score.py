from __future__ import annotations

import numpy as np

from l1ml.reporting.plots import plot_score


def test_steps_and_thresholds(content):
    item = content["score_distributions"][0]
    artists = plot_score(item)
    for name, values in item["values"].items():
        drawn = artists.steps[name].get_data()
        np.testing.assert_array_equal(drawn.edges, item["edges"])
        np.testing.assert_array_equal(np.nan_to_num(drawn.values), values)
    assert {name: line.get_xdata()[0] for name, line in artists.thresholds.items()} == item["thresholds"]
    assert artists.ax.get_xlabel() == "axo score word"


def test_thresholds_are_optional(content):
    item = {key: value for key, value in content["score_distributions"][0].items() if key != "thresholds"}
    assert plot_score(item).thresholds == {}
