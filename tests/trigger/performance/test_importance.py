from __future__ import annotations

import numpy as np
import pytest
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA
from l1ml.data.calo_regions import CALO_SCHEMA, region_slot
from l1ml.errors import ConfigError
from l1ml.trigger.performance import ScoredSample, permuted_words, removed_objects

NAMES = LEVEL1_SCHEMA.features


def lead_jet(words):
    return words[:, NAMES.index("jet_0_pt")].astype(np.int64)


@pytest.fixture(scope="module")
def processes():
    rng = np.random.default_rng(6)
    events = {"zero_bias": toy_events(500, rng), "ttbar": toy_events(300, rng, hardness=3.0)}
    features = {name: item.features() for name, item in events.items()}
    none = {name: np.zeros(item.n, dtype=np.bool_) for name, item in events.items()}
    samples = {name: ScoredSample.of(name, item, lead_jet(features[name]), none[name]) for name, item in events.items()}
    return samples, features


def test_only_what_the_network_reads_drives_it(processes):
    samples, features = processes
    before = {name: words.copy() for name, words in features.items()}
    found = {item.name: item.kept for item in removed_objects(LEVEL1_SCHEMA, samples, features, lead_jet, 100)}
    assert set(found) == {"met", "egamma", "muon", "jet"} | {
        f"{item.name}_{slot}" for item in LEVEL1_SCHEMA.objects if item.n_slots > 1 for slot in range(item.n_slots)
    }
    for name, kept in found.items():
        expected = 0.0 if name in {"jet", "jet_0"} else 1.0
        assert {ratio.value for ratio in kept.values()} == {expected}, name
        assert all(ratio.error > 0 for ratio in kept.values())
    for name, words in features.items():
        np.testing.assert_array_equal(words, before[name])


def test_places_of_a_grid_go_ring_by_ring():
    words = np.zeros((6, 252), np.int32)
    words[:, region_slot(5, 3)] = 9
    sample = ScoredSample.of(
        "zero_bias", toy_events(6, np.random.default_rng(1)), words.sum(axis=1).astype(np.int64), np.zeros(6, np.bool_)
    )
    found = removed_objects(CALO_SCHEMA, {"zero_bias": sample}, {"zero_bias": words}, lambda rows: rows.sum(axis=1), 9)
    kept = {item.name: item.kept["zero_bias"].value for item in found}
    assert kept == {"region": 0.0} | {f"region_eta_{eta}": float(eta != 3) for eta in range(14)}


def test_a_permuted_word_passes_as_often_as_chance_has_it(processes):
    samples, features = processes
    rng = np.random.default_rng(7)
    found = {item.name: item.kept for item in permuted_words(NAMES, samples, features, lead_jet, 100, rng=rng)}
    assert list(found) == list(NAMES)
    for name, kept in found.items():
        # the word that decides alone is permuted: as many crossings pass as before, but not the same ones
        assert [ratio.value for ratio in kept.values()] == pytest.approx([1.0, 1.0]), name


def test_permutations_know_the_weights():
    events = toy_events(500, np.random.default_rng(8))
    words = events.features()
    heavy = lead_jet(words) < 100
    weighted = ScoredSample.of(
        "zero_bias",
        type(events)(events.schema, events.collections, np.where(heavy, 1.0, 1e-3), events.event, events.group),
        lead_jet(words),
        heavy,
    )
    kept = permuted_words(NAMES, {"zero_bias": weighted}, {"zero_bias": words}, lead_jet, 100, rng=np.random.default_rng(9))
    ratio = kept[NAMES.index("jet_0_pt")].kept["zero_bias"]
    assert abs(ratio.value - 1.0) < 4 * max(ratio.error, 0.1)
    assert ratio.error < 10.0


def test_the_same_stream_gives_the_same_words(processes):
    samples, features = processes
    runs = [
        [item.to_dict() for item in permuted_words(NAMES, samples, features, lambda words: words.sum(axis=1), 900, rng=rng)]
        for rng in (np.random.default_rng(1), np.random.default_rng(1))
    ]
    assert runs[0] == runs[1]


def test_bad_input(processes):
    with pytest.raises(ConfigError, match="repeats must be at least 1"):
        permuted_words(NAMES, *processes, lead_jet, 100, rng=np.random.default_rng(1), repeats=0)
