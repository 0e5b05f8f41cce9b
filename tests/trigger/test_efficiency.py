from __future__ import annotations

import numpy as np
import pytest
from trigger_toy import events_of, menu_with, toy_study

from l1ml.errors import DataError
from l1ml.trigger import Columns, decide, efficiency, signal_efficiency
from l1ml.trigger.efficiency import check_equal_weights
from l1ml.trigger.rates.intervals import clopper_pearson


def test_without_copies_it_is_clopper_pearson():
    result = efficiency(np.arange(100) < 12, np.arange(100))
    assert (result.value, result.n_passed, result.n_total, result.n_effective) == (0.12, 12, 100, 100.0)
    assert (result.low, result.high) == pytest.approx(clopper_pearson(12, 100))


def test_copies_that_share_their_fate_are_one_draw():
    passed = np.repeat(np.arange(100) < 12, 7)
    result = efficiency(passed, np.repeat(np.arange(100), 7))
    assert result.n_effective == pytest.approx(100.0)
    assert (result.low, result.high) == pytest.approx(clopper_pearson(12, 100))


def test_independent_copies_are_worth_more_than_their_collisions():
    rng = np.random.default_rng(1)
    result = efficiency(rng.random(5000) < 0.3, np.repeat(np.arange(1000), 5))
    assert 4000 < result.n_effective <= 5000


@pytest.mark.parametrize("value", [False, True])
def test_all_or_nothing_counts_collisions(value):
    result = efficiency(np.full(70, value), np.repeat(np.arange(10), 7))
    assert result.n_effective == 10
    assert (result.low, result.high) == clopper_pearson(10 * value, 10)


def test_coverage():
    rng = np.random.default_rng(2)
    inside = 0
    for _ in range(300):
        chance = rng.beta(2.0, 6.0, 200)  # copies of a collision pass with its own probability; the mean is 1/4
        passed = rng.random((200, 4)) < chance[:, None]
        result = efficiency(passed.ravel(), np.repeat(np.arange(200), 4))
        inside += result.low < 0.25 < result.high
    assert inside / 300 > 0.62


def test_alone_on_top_and_total_by_hand():
    score = "AXO[AXO-MODEL_axo, AXO-SCORE_5]"
    menu = menu_with("MU10", "JET20", score, "ETMHF1", L1_3={"prescale": 0})
    events = events_of(muon_pt=[[40], [0], [0], [40]], jet_pt=[[0], [80], [0], [80]], met_pt=[[99]] * 4)
    decisions = decide(menu, Columns.of_events(events), {"axo": np.array([9, 0, 9, 0])})
    result = signal_efficiency("s", menu, decisions, events).to_dict()
    assert result["classical"]["efficiency"] == 0.75
    rows = result["algorithms"]
    assert [rows["L1_2"][key] for key in ("efficiency",)] == [0.5]
    assert rows["L1_2"]["on_top"]["efficiency"] == 0.25
    assert rows["L1_2"]["total"]["efficiency"] == 1.0
    assert rows["L1_0"]["on_top"]["efficiency"] == 0.25
    assert rows["L1_0"]["total"]["efficiency"] == 0.75


def test_on_top_and_total_agree():
    for item in toy_study().efficiencies:
        for row in item.algorithms:
            if row.algorithm.startswith("L1_AXO"):
                assert row.total.n_passed == item.classical.n_passed + row.on_top.n_passed
                assert row.on_top.n_passed <= row.alone.n_passed


def test_unequal_weights_and_no_crossings_are_refused():
    with pytest.raises(DataError, match="haa4b has weights from 1 to 2"):
        check_equal_weights("haa4b", np.array([1.0, 2.0]))
    with pytest.raises(DataError, match="no crossings"):
        efficiency(np.zeros(0, dtype=np.bool_), np.zeros(0))
