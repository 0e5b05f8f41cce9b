from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import DataError
from l1ml.trigger import WeightedSample

ROWS = st.lists(st.tuples(st.floats(0.1, 10.0), st.integers(0, 6), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: len({group for _, group, _ in rows}) > 1
)


@given(ROWS)
def test_error_equals_the_written_formula(rows):
    weight, group, passed = (np.array(column) for column in zip(*rows, strict=True))
    result = WeightedSample.from_arrays(weight, group).fraction(passed)
    ratio = sum(w for w, _, p in rows if p) / sum(w for w, _, _ in rows)
    labels = sorted(set(group.tolist()))
    squares = sum(sum(w * (p - ratio) for w, g, p in rows if g == label) ** 2 for label in labels)
    expected = np.sqrt(len(labels) / (len(labels) - 1) * squares) / weight.sum()
    assert result.n_events == passed.sum()
    assert result.n_groups == len(set(group[passed].tolist()))
    if passed.any():
        assert result.value == pytest.approx(ratio)
        assert result.error == pytest.approx(expected, abs=1e-12)


def test_rare_unweighted_uncopied_crossings_are_poisson():
    passed = np.arange(100_000) < 25
    result = WeightedSample.from_arrays(np.ones(passed.size), np.arange(passed.size)).fraction(passed)
    assert result.error == pytest.approx(5.0 / passed.size, rel=1e-3)
    assert result.n_effective == pytest.approx(25.0)


def test_copies_add_crossings_but_no_knowledge():
    passed = np.arange(1000) < 40
    single = WeightedSample.from_arrays(np.ones(1000), np.arange(1000)).fraction(passed)
    copied = WeightedSample.from_arrays(np.ones(10_000), np.repeat(np.arange(1000), 10)).fraction(np.repeat(passed, 10))
    assert copied.value == single.value
    assert copied.error == pytest.approx(single.error)
    assert (copied.n_events, copied.n_groups) == (400, 40)


def test_the_error_covers_a_known_truth():
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(400):
        hard = rng.random(600) < 0.3
        weight = np.where(hard, 0.2, 2.0) * rng.uniform(0.5, 1.5, 600)
        chance = np.where(hard, 0.5, 0.05)
        copies = rng.integers(1, 6, 600)
        fires = rng.random(600) < chance  # copies of a collision share its fate
        draw = np.repeat(np.arange(600), copies)
        result = WeightedSample.from_arrays((weight / copies)[draw], draw).fraction(fires[draw])
        truth = (0.3 * 0.2 * 0.5 + 0.7 * 2.0 * 0.05) / (0.3 * 0.2 + 0.7 * 2.0)
        inside += abs(result.value - truth) < result.error
    assert 0.62 < inside / 400 < 0.74


def test_nothing_passing_is_an_upper_limit():
    sample = WeightedSample.from_arrays(np.ones(1000), np.arange(1000))
    result = sample.fraction(np.zeros(1000, dtype=np.bool_))
    assert result.is_upper_limit
    assert result.value == 0.0
    assert result.error == pytest.approx(1.841e-3, rel=1e-3)
    assert result.upper_95 == pytest.approx(2.996e-3, rel=1e-3)


def test_the_limit_on_a_part_of_a_selection_takes_its_weights():
    weight = np.where(np.arange(1000) < 500, 1.0, 0.01)
    light = np.arange(1000) >= 500
    result = WeightedSample.from_arrays(weight, np.arange(1000)).fraction(np.zeros(1000), near=light)
    assert result.error == pytest.approx(1.841 * 0.01 / weight.sum(), rel=1e-3)


def test_light_draws_do_not_show_that_heavy_ones_are_absent():
    weight = np.where(np.arange(1000) < 500, 1.0, 0.001)
    selected, passed = np.ones(1000, dtype=np.bool_), np.arange(1000) >= 900
    result = WeightedSample.from_arrays(weight, np.arange(1000)).fraction(passed, near=selected)
    assert not result.is_upper_limit
    assert result.error > 1.84 * 0.99 / weight.sum()
    heavy = WeightedSample.from_arrays(weight, np.arange(1000)).fraction(np.arange(1000) < 10, near=selected)
    assert heavy.error == pytest.approx(np.sqrt(10) / weight.sum(), rel=0.02)


def test_probabilities_count_in_part():
    result = WeightedSample.from_arrays(np.ones(4), np.arange(4)).fraction(np.array([0.5, 0.5, 0.0, 0.0]))
    assert result.value == 0.25


@pytest.mark.parametrize(
    ("weight", "group", "message"),
    [
        ([], [], "no crossings"),
        ([1.0, -1.0], [0, 1], "not negative"),
        ([1.0, np.nan], [0, 1], "finite"),
        ([0.0, 0.0], [0, 1], "not all zero"),
        ([1.0, 1.0], [3, 3], "at least two"),
    ],
)
def test_bad_samples(weight, group, message):
    with pytest.raises(DataError, match=message):
        WeightedSample.from_arrays(weight, group)
