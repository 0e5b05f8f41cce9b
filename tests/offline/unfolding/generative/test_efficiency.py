from __future__ import annotations

import numpy as np
import pytest

from offline.unfolding.generative.efficiency import Efficiency, probability
from offline.unfolding.sample import FloatArray


def _odds(columns: FloatArray) -> FloatArray:
    return np.asarray(4 * columns[:, 0])


def _turn_on(n: int, rng: np.random.Generator) -> tuple[FloatArray, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    truth = rng.uniform(-0.1, 1, (n, 1))
    return truth, rng.random(n) < probability(_odds(truth))


def test_draws_beyond_an_edge_take_the_efficiency_of_the_edge(rng: np.random.Generator) -> None:
    truth, seen = _turn_on(20_000, rng)
    efficiency = Efficiency.of(_odds, truth, seen)
    found, bounded = efficiency(np.array([[-5.0], [0.5], [7.0]]))
    np.testing.assert_allclose(found, probability(_odds(np.array([truth.min(0), [0.5], truth.max(0)]))))
    assert not bounded.any()


def test_odds_that_are_far_too_low_somewhere_are_bounded_by_what_was_seen(rng: np.random.Generator) -> None:
    truth, seen = _turn_on(20_000, rng)
    efficiency = Efficiency.of(lambda columns: np.where(columns[:, 0] < 0, -9.0, _odds(columns)), truth, seen)
    found, bounded = efficiency(np.array([[-0.05], [0.5]]))
    assert 0.3 < found[0] < 0.5
    np.testing.assert_array_equal(bounded, [True, False])
    record = efficiency.record(found, bounded, np.array([1.0, 3.0]))
    assert record["at_least_efficiency"] == {"draws": 1, "share": 0.25}
    assert record["efficiency"][0] == record["least_efficiency"] == pytest.approx(efficiency.least)


def test_one_efficiency_for_all_is_not_bounded_by_chance(rng: np.random.Generator) -> None:
    truth = rng.normal(size=(20_000, 1))
    noise = 0.05 * rng.normal(size=20_000)
    flat = Efficiency.of(lambda columns: 1.4 + noise[: len(columns)], truth, rng.random(20_000) < probability(np.array(1.4)))
    assert not flat(truth)[1].any()


@pytest.mark.parametrize("n_seen", [1, 5])
def test_few_events_and_no_misses_are_allowed(n_seen: int) -> None:
    truth = np.arange(6.0)[:, None]
    seen = np.arange(6) < n_seen
    assert 0 < Efficiency.of(_odds, truth, seen).least < 1
    certain = Efficiency.of(lambda columns: np.full(len(columns), np.inf), truth, np.ones(6, np.bool_))
    np.testing.assert_array_equal(certain(truth)[0], 1)
