from __future__ import annotations

import numpy as np
import pytest

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, rtl_project
from l1ml.data.generation.drift_chamber import ChamberConfig, chamber_hits
from l1ml.emulation import IntegerEmulator
from l1ml.hardware.detector import Detector, DetectorLayer
from l1ml.model.graphs import EpsilonRule, GraphRule, HitGraph, NearestRule, PatternRule
from l1ml.training.graph import InteractionConfig
from l1ml.training.graph.delivery import deliver_on_hits
from l1ml.training.graph.interaction_network import build_edges, build_hit_scorer

PATTERN = PatternRule(((1, 0), (1, 1)))
DETECTOR = Detector("chamber", tuple(DetectorLayer(20.0 + 2 * index, 4, 0.5 * (index % 2)) for index in range(3)), 40.0)


def words(n: int = 100) -> np.ndarray:
    return chamber_hits(DETECTOR, ChamberConfig(occupancy=0.3), n, np.random.default_rng(1)).words


@pytest.mark.parametrize("rule", [PATTERN, EpsilonRule(4.0), NearestRule(2, 4), NearestRule(3, 8)])
def test_the_integer_network_and_the_logic_build_the_edges_of_the_graph(rule: GraphRule) -> None:
    graph = HitGraph.of(DETECTOR, rule)
    model = deliver_on_hits(build_edges(graph), DETECTOR, words(), time_bits=5, name="builder", output="edges")
    wanted = graph.active(words() > 0).reshape(100, -1)
    assert wanted.any()
    np.testing.assert_array_equal(model.golden.scores, wanted)
    np.testing.assert_array_equal(IntegerEmulator(model.network).predict(words()), wanted)
    rtl_project(model, ConversionConfig())  # refuses a logic that gives other edges than the golden ones


def test_scores_are_those_of_keras_and_zero_where_nothing_is_hit() -> None:
    require("keras").utils.set_random_seed(1)
    network = build_hit_scorer(HitGraph.of(DETECTOR, PATTERN), InteractionConfig(rounds=2))
    model = deliver_on_hits(network, DETECTOR, words(), time_bits=5, name="scorer", output="scores of the hits")
    found = IntegerEmulator(model.network).predict(words())
    np.testing.assert_array_equal(found, model.golden.scores)
    assert not found[words() == 0].any()
    assert found[words() > 0].any()


@pytest.mark.parametrize(("rounds", "reached"), [(1, False), (2, True)])
def test_a_score_depends_on_neighbours_of_neighbours_after_two_rounds_only(rounds: int, reached: bool) -> None:
    graph = HitGraph.of(DETECTOR, PatternRule(((1, 0),)))
    crossing = np.zeros((32, 12), np.float32)
    crossing[:, [1, 4]] = 31  # the sensors 1, 4 and 8 are a chain
    crossing[:, 8] = np.arange(32)
    found = []
    for seed in range(6):  # a message of untrained weights may be zero for all times
        require("keras").utils.set_random_seed(seed)
        scores = build_hit_scorer(graph, InteractionConfig(rounds=rounds)).predict(crossing, verbose=0)
        found.append(len(np.unique(scores[:, 1])) > 1)
    assert any(found) == reached
