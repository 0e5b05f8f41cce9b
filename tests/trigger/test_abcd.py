from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.abcd import abcd, abcd_of_counters, closure_table, contaminated
from l1ml.trigger.rates.sample import WeightedSample


def independent(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, WeightedSample]:
    rng = np.random.default_rng(seed)
    one, other = (np.floor(rng.exponential(1000, n)).astype(np.int64) for _ in range(2))
    return one, other, WeightedSample.from_arrays(rng.uniform(0.5, 1.5, n), np.arange(n))


@given(st.lists(st.integers(1, 9), min_size=4, max_size=4))
def test_counts_and_errors_are_those_of_plain_arithmetic(numbers: list[int]) -> None:
    region = np.repeat(np.arange(4), numbers)
    one, other = 1 - region // 2, 1 - region % 2
    found = abcd(one, other, WeightedSample.from_arrays(np.full(len(one), 0.5), np.arange(len(one))), (1, 1))
    a, b, c, d = numbers
    assert found.crossings == (a, b, c, d)
    assert found.counts == tuple(number / 2 for number in numbers)
    assert found.closure == pytest.approx(float(Fraction(a * d, b * c)))
    assert found.closure_error == pytest.approx(found.closure * np.sqrt(sum(1 / number for number in numbers)))
    assert found.estimate == pytest.approx(b * c / d / 2)
    assert found.estimate_error == pytest.approx(found.estimate * np.sqrt(1 / b + 1 / c + 1 / d))
    assert found.to_dict()["efficiency"] == pytest.approx(a / sum(numbers))


def test_independent_scores_close_within_their_errors() -> None:
    pulls = [(row.closure - 1) / row.closure_error for seed in range(60) for row in closure_table(*independent(4000, seed))]
    assert np.mean(pulls) == pytest.approx(0, abs=0.35)
    assert np.std(pulls) == pytest.approx(1, abs=0.25)


def test_thresholds_leave_the_efficiency_asked_for() -> None:
    one, other, sample = independent(100_000, 1)
    for row, efficiency in zip(closure_table(one, other, sample, (0.01, 0.05)), (0.01, 0.05), strict=True):
        assert row.efficiency == pytest.approx(efficiency, rel=0.1)
        assert abs(row.closure - 1) < 4 * row.closure_error


def test_dependent_scores_do_not_close() -> None:
    one, other, sample = independent(20_000, 2)
    for row in closure_table(one, other + one // 2, sample):
        assert row.closure > 1 + 5 * row.closure_error


def test_copies_of_one_collision_count_once() -> None:
    one, other, sample = independent(3000, 3)
    single = abcd(one, other, sample, (1200, 1200))
    copies = WeightedSample.from_arrays(np.tile(sample.weight, 4), np.tile(np.arange(3000), 4))
    copied = abcd(np.tile(one, 4), np.tile(other, 4), copies, (1200, 1200))
    assert copied.closure == pytest.approx(single.closure)
    assert copied.closure_error == pytest.approx(single.closure_error)


def test_an_empty_region_and_wrong_shapes_are_refused() -> None:
    one, other, sample = independent(50, 4)
    with pytest.raises(DataError, match="no crossing is in region A, B: give more"):
        abcd(one, other, sample, (10**6, 500))
    with pytest.raises(DataError, match="two scores and a weight"):
        abcd(one[:9], other, sample, (1, 1))
    with pytest.raises(ConfigError, match="between 0 and 1"):
        closure_table(one, other, sample, (0.0,))


@given(st.lists(st.integers(1, 9), min_size=4, max_size=4))
def test_counters_say_what_a_sample_of_equal_weights_says(numbers: list[int]) -> None:
    region = np.repeat(np.arange(4), numbers)
    sample = WeightedSample.from_arrays(np.ones(len(region)), np.arange(len(region)))
    offline, online = abcd(1 - region // 2, 1 - region % 2, sample, (1, 1)), abcd_of_counters(numbers)
    assert online.counts == offline.counts
    for name in ("estimate", "estimate_error", "closure", "closure_error"):
        assert getattr(online, name) == pytest.approx(getattr(offline, name))


def test_a_prescaled_counter_stands_for_more_and_knows_less() -> None:
    whole, prescaled = abcd_of_counters([30, 100, 200, 5000]), abcd_of_counters([30, 100, 200, 50], [1, 1, 1, 100])
    assert prescaled.counts == whole.counts
    assert prescaled.closure == whole.closure
    assert prescaled.closure_error == pytest.approx(whole.closure * np.sqrt(1 / 30 + 1 / 100 + 1 / 200 + 1 / 50))


def test_signal_in_the_other_regions_is_taken_for_background() -> None:
    one, other, sample = independent(20_000, 5)
    found = closure_table(one, other, sample, (0.01,))[0]
    rng = np.random.default_rng(6)
    signal = [np.floor(rng.exponential(4000, 5000)).astype(np.int64) for _ in range(2)]
    shares = np.array([0.001 * np.mean((signal[0] >= found.thresholds[0]) & (signal[1] < found.thresholds[1]))])
    assert contaminated(found, *signal, 0.0) == 1.0
    assert 1 < contaminated(found, *signal, 0.001) < contaminated(found, *signal, 0.01)
    assert contaminated(found, *signal, 0.001) == pytest.approx(1 + 2 * shares[0] * sum(found.counts) / found.counts[1], rel=0.01)


@pytest.mark.parametrize(
    ("counts", "prescales", "message"),
    [([1, 2, 3], [1] * 4, "four counts"), ([1, 2, 3, 4], [1, 1, 1, 0], "four prescales"), ([1, 2, 3, 0], [1] * 4, "region D")],
)
def test_counters_that_say_nothing_are_refused(counts: list[int], prescales: list[int], message: str) -> None:
    with pytest.raises((ConfigError, DataError), match=message):
        abcd_of_counters(counts, prescales)
    with pytest.raises(DataError, match="counts from 0"):
        abcd_of_counters([1, 2, 3, -4])
