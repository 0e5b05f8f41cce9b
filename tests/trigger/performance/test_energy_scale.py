from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy import toy_events
from trigger_toy import events_of

from l1ml.data import Events
from l1ml.data.calo_regions import REGION_SCHEMA
from l1ml.errors import ConfigError, SchemaError
from l1ml.trigger.performance import scaled_events


def test_words_of_the_link():
    events = events_of(
        jet_pt=[[100, 19, 1]], jet_eta=[[5, -7, 9]], muon_pt=[[511, 510, 101, 1]], egamma_pt=[[511, 500]], met_pt=[[4000]]
    )
    up, down = (scaled_events(events, percent).collections for percent in (5.0, -5.0))
    assert up["jet"]["hw_pt"][0, :4].tolist() == [105, 20, 1, 0]  # 100.5 * 1.05 is 105.5
    assert down["jet"]["hw_pt"][0, :4].tolist() == [95, 18, 1, 0]
    assert up["jet"]["hw_eta"][0, :4].tolist() == [5, -7, 9, 0]
    assert up["muon"]["hw_pt"][0].tolist() == [511, 511, 106, 1]  # word 1 is 0 to 0.5 GeV, word 0 no muon
    assert down["muon"]["hw_pt"][0].tolist() == [511, 485, 96, 1]  # a saturated word stands for anything above
    assert up["egamma"]["hw_pt"][0].tolist() == [511, 511, 0, 0]
    assert up["met"]["hw_pt"].tolist() == [[4095]]


@given(st.integers(0, 2**32 - 1), st.floats(-60.0, 60.0))
def test_scaled_words_are_words_in_the_same_order(seed, percent):
    events = toy_events(20, np.random.default_rng(seed))
    scaled = scaled_events(events, percent)
    scaled.validate()
    for name, columns in scaled.collections.items():
        pt, before = columns["hw_pt"], events.collections[name]["hw_pt"]
        assert (np.diff(pt, axis=1) <= 0).all()
        assert (pt <= before).all() if percent < 0 else (pt >= before).all()
        assert not columns["hw_phi"][pt == 0].any()


def test_no_shift_changes_no_word(events):
    np.testing.assert_array_equal(scaled_events(events, 0.0).features(), events.features())


def test_a_shift_is_right_on_average(rng):
    pt = rng.uniform(20.0, 200.0, (20_000, 1))
    before, after = (events_of(jet_pt=np.floor(2 * factor * pt)) for factor in (1.0, 1.05))
    shifted = scaled_events(before, 5.0).collections["jet"]["hw_pt"][:, 0]
    difference = shifted - after.collections["jet"]["hw_pt"][:, 0]
    assert abs(difference.mean()) < 0.02
    assert set(np.unique(difference)) <= {-1, 0, 1}


def test_regions_have_an_energy_too():
    words, number = np.zeros((2, 252), np.int32), np.arange(2, dtype=np.uint64)
    words[0, :4] = [100, 19, 1, 1023]
    events = Events(REGION_SCHEMA, {"region": {"hw_et": words}}, np.ones(2), number, number)
    scaled = scaled_events(events, 5.0).collections["region"]["hw_et"]
    assert scaled[0, :5].tolist() == [105, 20, 1, 1023, 0]
    assert not scaled[1].any()


def test_one_kind_alone(events):
    scaled = scaled_events(events, 5.0, ["jet"]).collections
    np.testing.assert_array_equal(scaled["muon"]["hw_pt"], events.collections["muon"]["hw_pt"])
    assert (scaled["jet"]["hw_pt"] > events.collections["jet"]["hw_pt"]).any()


def test_bad_input(events):
    with pytest.raises(ConfigError, match="percent must be above -100"):
        scaled_events(events, -100.0)
    with pytest.raises(SchemaError, match="no object 'jets' with a pt or an et; did you mean 'jet'"):
        scaled_events(events, 5.0, ["jets"])
