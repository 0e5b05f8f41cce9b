from __future__ import annotations

import json

import numpy as np
import pytest
from trigger_toy import KHZ, events_of, menu_with, scored_processes, toy_menu, toy_performance, toy_score

from l1ml.trigger.performance import classical_bits, scaled_events, stability, working_points
from l1ml.trigger.performance.score_performance import reference_point


@pytest.fixture(scope="module")
def content():
    return json.loads(json.dumps(toy_performance().to_dict(), allow_nan=False))


def test_shape(content):
    assert [point["target_khz"] for point in content["working_points"]] == [60.0, 300.0]
    assert [item["target_khz"] for item in content["unresolved"]] == [0.1]
    assert content["reference_khz"] == 60.0
    conditions = {row["conditions"] for row in content["energy_scale"]}
    assert conditions == {f"{name} {sign}5 %" for name in ("all objects", "met", "egamma", "muon", "jet") for sign in "+-"}
    assert [item["change"] for item in content["importance"]] == ["removed"] * (4 + 18) + ["permuted"] * 57
    rates = [point["rate_khz"] for point in content["curve"]]
    assert rates == sorted(rates)


def test_same_input_same_numbers(content):
    assert json.loads(json.dumps(toy_performance().to_dict())) == content


def test_a_larger_scale_lets_more_pass(content):
    for row in content["energy_scale"]:
        assert row["ratio"]["value"] >= 1.0 if "+5" in row["conditions"] else row["ratio"]["value"] <= 1.0


def test_stability_is_the_rate_at_the_same_threshold():
    events, samples = scored_processes()
    zero_bias = samples["zero_bias"]
    points, _ = working_points(zero_bias, {}, (300.0,), KHZ)
    words = toy_score(scaled_events(events["zero_bias"], 20.0).features())
    shifted = type(zero_bias)(zero_bias.sample, zero_bias.group, words, zero_bias.classical)
    (row,) = stability("more", points, (zero_bias, shifted), {}, KHZ)
    weight = zero_bias.sample.weight
    assert row.rate.khz == pytest.approx(KHZ * weight[words >= points[0].threshold].sum() / weight.sum())
    assert row.ratio.value == pytest.approx(row.rate.khz / points[0].rate.khz)


def test_without_a_resolved_rate_there_is_no_reference():
    assert reference_point(()) is None


def test_classical_seeds_are_those_that_count():
    events = events_of(muon_pt=[[60], [0], [0]], egamma_pt=[[0, 0], [60, 40], [0, 0]])
    bits = classical_bits(toy_menu(), events)
    assert bits.fired.tolist() == [True, True, False]
    assert bits.seeds == ("L1_SingleMu22", "L1_DoubleEG_25_14", "L1_ETMHF100")
    prescaled = classical_bits(menu_with("MU22", "EG25", L1_0={"prescale": 2}), events)
    assert (prescaled.seeds, prescaled.fired.tolist()) == (("L1_1",), [False, True, False])
    unknown = classical_bits(menu_with("TAU30", "EG25"), events)
    assert (unknown.seeds, list(unknown.undecided)) == (("L1_1",), ["L1_0"])
    none = classical_bits(menu_with("AXO[AXO-MODEL_axo, AXO-SCORE_5]"), events)
    assert (none.seeds, none.fired.any()) == ((), np.False_)
