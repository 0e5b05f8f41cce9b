from __future__ import annotations

import numpy as np
from trigger_toy import sample

from l1ml.data import LEVEL1_SCHEMA
from l1ml.reporting.plots import plot_distribution
from l1ml.trigger.distribution import object_distribution


def test_every_field_is_drawn_with_its_unit(content):
    for item in content["feature_distributions"]:
        artists = plot_distribution(item)
        for name, values in item["values"].items():
            np.testing.assert_array_equal(np.nan_to_num(artists.steps[name].get_data().values), values)
        assert artists.ax.get_xlabel().endswith(f"[{item['unit']}]") == bool(item["unit"])


def test_angles_start_at_zero_and_spectra_are_logarithmic(content):
    for item in content["feature_distributions"]:
        ax = plot_distribution(item).ax
        assert ax.get_yscale() == ("log" if item["quantity"].endswith("pt") else ax.get_yscale())
        if item["quantity"] == "jet phi":
            assert (ax.get_yscale(), ax.get_ylim()[0]) == ("linear", 0.0)


def test_a_value_is_taken_as_well_as_its_dictionary():
    events, _ = sample(100, 1, 1.0, signal=True)
    value = object_distribution("jet", "pt", {"ttbar": events}, LEVEL1_SCHEMA.object("jet").field("pt").scale)
    np.testing.assert_array_equal(
        plot_distribution(value).steps["ttbar"].get_data().values,
        plot_distribution(value.to_dict()).steps["ttbar"].get_data().values,
    )
