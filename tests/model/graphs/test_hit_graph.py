from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.errors import ConfigError, DataError
from l1ml.hardware.detector import Detector, DetectorLayer
from l1ml.model.graphs import EpsilonRule, GraphRule, HitGraph, NearestRule, PatternRule, compare_graphs
from l1ml.model.graphs.rules import by_distance, distances

PATTERN = PatternRule(((1, 0), (1, 1)))
RULES: list[GraphRule] = [PATTERN, EpsilonRule(4.0), NearestRule(2, 6)]


def chamber(sensors: int = 6, layers: int = 4, span_deg: float = 60.0) -> Detector:
    items = (DetectorLayer(20.0 + 2 * index, sensors, 0.5 * (index % 2)) for index in range(layers))
    return Detector("chamber", tuple(items), span_deg)


def random_hits(detector: Detector, seed: int, n: int = 20) -> np.ndarray:
    return np.random.default_rng(seed).random((n, detector.n_sensors)) < 0.3


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), rule=st.sampled_from(RULES), span=st.sampled_from([60.0, 360.0]))
def test_neighbours_are_those_of_a_loop_over_hits(seed: int, rule: GraphRule, span: float) -> None:
    detector = chamber(span_deg=span)
    graph, hits = HitGraph.of(detector, rule), random_hits(detector, seed, 5)
    allowed = rule.pairs(detector)
    active = graph.active(hits)
    x, y = detector.positions.T
    for event in range(len(hits)):
        for sensor in range(detector.n_sensors):
            near = [other for other in np.flatnonzero(allowed[sensor]) if hits[event, other] and hits[event, sensor]]
            near.sort(key=lambda other: (round(float(np.hypot(x[other] - x[sensor], y[other] - y[sensor])), 4), other))
            found = graph.neighbours[sensor][active[event, sensor]]
            assert found.tolist() == near[: rule.limit or None]


@pytest.mark.parametrize("rule", RULES)
def test_edges_are_symmetric_and_only_between_hits(rule: GraphRule) -> None:
    detector = chamber()
    hits = random_hits(detector, 1)
    edges = HitGraph.of(detector, rule).edges(hits)
    np.testing.assert_array_equal(edges, edges.transpose(0, 2, 1))
    assert not edges[:, np.arange(detector.n_sensors), np.arange(detector.n_sensors)].any()
    assert not edges[~hits].any()
    assert edges.any()


def test_a_pattern_reaches_what_reaches_it() -> None:
    pairs = PATTERN.pairs(chamber(span_deg=360.0))
    np.testing.assert_array_equal(pairs, pairs.T)
    # two in each layer beside its own
    np.testing.assert_array_equal(pairs.sum(axis=1).reshape(4, 6), np.repeat([[2], [4], [4], [2]], 6, axis=1))


def test_on_a_ring_every_sensor_of_a_layer_sees_the_same() -> None:
    detector = chamber(span_deg=360.0)
    degrees = EpsilonRule(30.0).pairs(detector).sum(axis=1).reshape(4, 6)
    assert (degrees == degrees[:, :1]).all()


def nearest_hits(detector: Detector, hits: np.ndarray, k: int) -> np.ndarray:
    """Undirected edges of each hit with its `k` nearest hits, wherever they are."""
    return HitGraph(detector, by_distance(distances(detector)), k).edges(hits)


def test_nearest_hits_among_all_sensors_are_found_when_all_are_candidates() -> None:
    detector = chamber()
    hits = random_hits(detector, 2)
    everywhere = HitGraph.of(detector, NearestRule(3, detector.n_sensors)).edges(hits)
    np.testing.assert_array_equal(everywhere, nearest_hits(detector, hits, 3))
    few = HitGraph.of(detector, NearestRule(3, 6)).edges(hits)
    assert compare_graphs(few, nearest_hits(detector, hits, 3)).recall < 1


def test_possible_edges_grow_as_the_sensors_do() -> None:
    edges = [HitGraph.of(chamber(sensors, span_deg=360.0), PATTERN).n_edges for sensors in (8, 16, 32)]
    assert edges == [edges[0], 2 * edges[0], 4 * edges[0]]


def test_counts_of_common_edges() -> None:
    found, wanted = np.zeros((2, 1, 4, 4), np.bool_)
    for edges, pairs in ((found, [(0, 1), (1, 2)]), (wanted, [(1, 2), (2, 3), (0, 3)])):
        for one, other in pairs:
            edges[0, one, other] = edges[0, other, one] = True
    alike = compare_graphs(found, wanted)
    assert (alike.found, alike.wanted, alike.common) == (2, 3, 1)
    assert (alike.precision, alike.recall, alike.jaccard) == (1 / 2, 1 / 3, 1 / 4)
    empty = compare_graphs(np.zeros_like(found), np.zeros_like(found))
    assert (empty.precision, empty.recall, empty.jaccard) == (1, 1, 1)


def test_wrong_input_is_refused() -> None:
    graph = HitGraph.of(chamber(), PATTERN)
    with pytest.raises(DataError, match=r"has 24 sensors, received hits of shape \(2, 23\)"):
        graph.active(np.zeros((2, 23), np.bool_))
    with pytest.raises(ConfigError, match="no sensor of 'chamber' has a neighbour"):
        HitGraph.of(chamber(), EpsilonRule(0.1))
    with pytest.raises(ConfigError, match=r"\(0, 0\)"):
        PatternRule(((0, 0),))
    with pytest.raises(ConfigError, match="received 4 and 3"):
        NearestRule(4, 3)
    with pytest.raises(ConfigError, match="distance_cm must be positive"):
        EpsilonRule(0)
    with pytest.raises(DataError, match="shapes"):
        compare_graphs(np.zeros((1, 2, 2), np.bool_), np.zeros((1, 3, 3), np.bool_))
