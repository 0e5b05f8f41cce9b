from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trigger_toy import events_of

from l1ml.data import LEVEL1_SCHEMA, Events, EventSchema, Field, ObjectSchema
from l1ml.errors import ConfigError, DataError, SchemaError
from l1ml.hardware import HardwareScale
from l1ml.trigger import ObjectCondition, ScoreCondition, ScoreTarget


def test_threshold_is_the_word_at_or_above_the_cut():
    condition = ObjectCondition("muon", (22.0,))
    assert condition.thresholds == (45,)  # 22 / 0.5 + 1: word 0 is "no muon"
    fired = condition.evaluate(events_of(muon_pt=[[44], [45], [0]]), {})
    np.testing.assert_array_equal(fired, [False, True, False])


def test_a_threshold_between_words_is_rounded_up():
    assert ObjectCondition("jet", (22.1,)).thresholds == (45,)


def test_zero_threshold_still_asks_for_an_object():
    fired = ObjectCondition("jet", (0.0,)).evaluate(events_of(jet_pt=[[0], [1]]), {})
    np.testing.assert_array_equal(fired, [False, True])


def test_eta_window_includes_its_edge_on_words():
    condition = ObjectCondition("egamma", (10.0,), eta_max=0.1)
    assert condition.eta_limit == 2
    events = events_of(egamma_pt=[[40], [40], [40], [40]], egamma_eta=[[2], [-2], [3], [-3]])
    np.testing.assert_array_equal(condition.evaluate(events, {}), [True, True, False, False])


def test_an_object_outside_the_window_does_not_hide_a_softer_one_inside():
    events = events_of(egamma_pt=[[100, 40]], egamma_eta=[[50, 0]])
    assert ObjectCondition("egamma", (20.0,), eta_max=1.0).evaluate(events, {})[0]


def test_each_object_is_used_once():
    condition = ObjectCondition("egamma", (25.0, 14.0))
    np.testing.assert_array_equal(
        condition.evaluate(events_of(egamma_pt=[[200, 0], [50, 28], [50, 27]]), {}), [False, True, False]
    )


@given(
    st.lists(st.integers(0, 60), min_size=4, max_size=4),
    st.lists(st.integers(-20, 20), min_size=4, max_size=4),
    st.lists(st.floats(0.0, 30.0), min_size=1, max_size=4),
    st.none() | st.floats(0.05, 1.0),
)
def test_equals_the_search_over_all_assignments(pt, eta, thresholds, eta_max):
    condition = ObjectCondition("egamma", tuple(thresholds), eta_max)
    inside = [word for word, place in zip(pt, eta, strict=True) if eta_max is None or abs(place) <= condition.eta_limit]
    expected = any(
        all(word >= cut for word, cut in zip(chosen, condition.thresholds, strict=True))
        for chosen in permutations(inside, len(thresholds))
    )
    assert condition.evaluate(events_of(egamma_pt=[pt], egamma_eta=[eta]), {})[0] == expected


def test_more_objects_than_slots_never_fires():
    assert not ObjectCondition("met", (10.0, 10.0)).evaluate(events_of(met_pt=[[4000]]), {})[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("moun", (22.0,)), "did you mean 'muon'"),
        (("muon", ()), "thresholds_gev"),
        (("muon", (300.0,)), "outside the hardware word, 0 to 255 GeV"),
        (("muon", (-1.0,)), "outside the hardware word"),
        (("muon", (float("nan"),)), "outside the hardware word"),
        (("muon", (22.0,), -1.0), "eta_max must be positive"),
    ],
)
def test_impossible_cuts_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        ObjectCondition(*arguments)


def test_events_on_another_scale_are_refused():
    scale = HardwareScale(0.25, 11, unit="GeV")
    jets = ObjectSchema("jet", 10, (Field("pt", scale), *LEVEL1_SCHEMA.object("jet").fields[1:]))
    schema = EventSchema("other", 1, (jets,))
    with pytest.raises(SchemaError, match="jet pt words"):
        ObjectCondition("jet", (20.0,)).evaluate(Events.empty(schema), {})
    with pytest.raises(SchemaError, match="no object 'muon'"):
        ObjectCondition("muon", (20.0,)).evaluate(Events.empty(schema), {})


def test_score_condition_compares_words():
    condition = ScoreCondition("axo", 7, "digest")
    fired = condition.evaluate(events_of(jet_pt=[[1], [1], [1]]), {"axo": np.array([6, 7, 8])})
    np.testing.assert_array_equal(fired, [False, True, True])


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ({}, "needs the score 'axo'; received no scores"),
        ({"axo": np.array([1, 2])}, "must hold 1 integer words"),
        ({"axo": np.array([1.5])}, "received float64"),
    ],
)
def test_scores_must_be_one_word_a_crossing(scores, message):
    with pytest.raises(DataError, match=message):
        ScoreCondition("axo", 7, "digest").evaluate(events_of(jet_pt=[[1]]), scores)


def test_a_target_without_threshold_does_not_decide():
    with pytest.raises(ConfigError, match="l1ml menu rates"):
        ScoreTarget("axo", 5.0).evaluate(events_of(jet_pt=[[1]]), {"axo": np.array([1])})
