from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.abcd import abcd, closure_table
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
