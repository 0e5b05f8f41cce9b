from __future__ import annotations

import numpy as np
import pytest
from trigger_toy import sample

from l1ml.data import LEVEL1_SCHEMA
from l1ml.trigger.distribution import object_distribution, score_distribution


@pytest.fixture(scope="module")
def processes():
    return {name: sample(800, seed, 2.0, signal=name != "zero_bias") for seed, name in enumerate(("zero_bias", "ttbar"))}


def test_every_score_word_is_inside(processes):
    result = score_distribution(
        "axo", {name: pair[1] for name, pair in processes.items()}, {name: pair[0] for name, pair in processes.items()}
    )
    for name in processes:
        assert result.values[name].sum() == pytest.approx(1.0)
    assert (np.diff(result.edges) >= 1.0).all()
    assert not np.isin(result.edges, np.round(result.edges)).any()  # edges lie between words


@pytest.mark.parametrize(("collection", "field"), [("jet", "pt"), ("muon", "phi"), ("egamma", "eta"), ("met", "pt")])
def test_objects_are_counted_per_crossing(processes, collection, field):
    events = {name: pair[0] for name, pair in processes.items()}
    scale = LEVEL1_SCHEMA.object(collection).field(field).scale
    result = object_distribution(collection, field, events, scale)
    for name, part in events.items():
        mean = np.average(part.valid(collection).sum(axis=1), weights=part.weight)
        assert result.values[name].sum() == pytest.approx(mean)
    assert result.unit == scale.unit


def test_error_of_a_bin_counts_each_collision_once(processes):
    events, words = processes["zero_bias"]
    result = score_distribution("axo", {"zero_bias": words}, {"zero_bias": events})
    index = int(np.argmax(result.values["zero_bias"]))
    inside = (words > result.edges[index]) & (words < result.edges[index + 1])
    sums = [events.weight[inside & (events.group == group)].sum() for group in np.unique(events.group)]
    assert result.errors["zero_bias"][index] == pytest.approx(np.sqrt(np.square(sums).sum()) / events.weight.sum())


def test_a_full_circle_is_split_evenly(processes):
    events = {name: pair[0] for name, pair in processes.items()}
    result = object_distribution("jet", "phi", events, LEVEL1_SCHEMA.object("jet").field("phi").scale)
    assert result.edges.size == 37


def test_a_collection_without_objects(processes):
    events, _ = processes["ttbar"]
    empty = events.select(~events.valid("muon").any(axis=1))
    result = object_distribution("muon", "pt", {"ttbar": empty}, LEVEL1_SCHEMA.object("muon").field("pt").scale)
    assert result.values["ttbar"].sum() == 0.0
