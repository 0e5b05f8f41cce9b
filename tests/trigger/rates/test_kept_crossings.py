from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rate_toy import menu_of

from l1ml.trigger import Prescale
from l1ml.trigger.prescale_counters import PrescaleCounters
from l1ml.trigger.rates.final_or import FinalOr
from l1ml.trigger.rates.kept_crossings import KeptCrossings


def kept_of(hundredths, fired):
    menu = menu_of(*({} for _ in hundredths))
    final_or = FinalOr.of([item.entry for item in menu.algorithms], [Prescale(value) for value in hundredths])
    return KeptCrossings(np.asarray(fired, dtype=np.bool_), final_or)


def share_by_counting(chances):
    """Mean of 1 / (1 + K), K the number of successes of independent trials: from the exact distribution of K."""
    distribution = [Fraction(1)]
    for q in chances:
        distribution = [
            a * (1 - q) + b * q for a, b in zip([*distribution, Fraction(0)], [Fraction(0), *distribution], strict=True)
        ]
    return sum(chance / (1 + number) for number, chance in enumerate(distribution))


@given(st.lists(st.sampled_from([100, 101, 150, 301, 10_000]), min_size=1, max_size=150))
@settings(deadline=None, max_examples=25)
def test_shares_are_exact_however_many_algorithms_fire(hundredths):
    kept = kept_of(hundredths, np.ones((len(hundredths), 1)))
    column, row = kept.firings()
    found = kept.shares(column, row)
    chances = [Fraction(100, value) for value in hundredths]
    for i in (0, len(chances) // 2, len(chances) - 1):
        expected = share_by_counting(chances[:i] + chances[i + 1 :])
        assert found[i] == pytest.approx(float(expected), rel=1e-12)


def test_a_large_prescale_keeps_its_digits():
    prescale = Prescale(4_294_967_200)
    kept = kept_of([prescale.hundredths], [[True]])
    assert kept.total[0] == pytest.approx(prescale.kept_fraction, rel=1e-14)


def test_nothing_fires():
    kept = kept_of([100, 250, 0], np.zeros((3, 2)))
    assert kept.total.tolist() == [0.0, 0.0]
    assert [part.size for part in kept.firings()] == [0, 0]


def test_prescale_counters_come_to_the_expectation():
    prescales = [Prescale(150), Prescale(425), Prescale(100), Prescale(700), Prescale(0)]
    rng = np.random.default_rng(20261122)
    n = 400_000
    hard = rng.random((n, 1)) < 0.2
    fired = rng.random((n, 5)) < np.where(hard, [0.5, 0.4, 0.05, 0.3, 0.5], [0.05, 0.1, 0.01, 0.2, 0.5])
    counted = PrescaleCounters(prescales).apply(fired)
    kept = kept_of([item.hundredths for item in prescales], fired.T)
    column, row = kept.firings()
    pure = np.bincount(column, kept.pure(column, row), minlength=5) * kept.final_or.kept
    shared = np.bincount(column, kept.shares(column, row), minlength=5) * kept.final_or.kept
    number = counted.sum(axis=1)
    within = 5.0 * np.sqrt(n) / 2.0  # five standard deviations of as many coin flips, more than counters can have
    assert abs(counted.any(axis=1).sum() - kept.total.sum()) < within
    assert (np.abs((counted & (number == 1)[:, None]).sum(axis=0) - pure) < within).all()
    assert (np.abs((counted / np.maximum(number, 1)[:, None]).sum(axis=0) - shared) < within).all()
    assert kept.total.sum() > 20.0 * within


def final_or_of(rng, k):
    """Algorithms of all kinds: two sets of alternatives, vetoes, some outside the final OR."""
    kinds = rng.choice(["", "", "", "A", "B", "veto", "outside"], k)
    options = [{"alternatives": kind} if kind in {"A", "B"} else {} for kind in kinds]
    options = [
        {"is_veto": True} if kind == "veto" else {"in_final_or": False} if kind == "outside" else keys
        for kind, keys in zip(kinds, options, strict=True)
    ]
    menu = menu_of(*options)
    prescales = [Prescale(int(value)) for value in rng.choice([0, 100, 100, 101, 150, 301, 10_000, 123_456], k)]
    return FinalOr.of([item.entry for item in menu.algorithms], prescales)


def values_of(kept):
    """Pure probability of each firing, and the share of those in the final OR, by algorithm and crossing."""
    column, row = kept.firings()
    inside = kept.final_or.enters[column]
    pure = dict(zip(zip(column, row, strict=True), kept.pure(column, row), strict=True))
    column, row = column[inside], row[inside]
    return pure, dict(zip(zip(column, row, strict=True), kept.shares(column, row), strict=True))


@pytest.mark.parametrize("density", [0.05, 0.5, 0.95])
def test_a_crossing_has_the_same_bits_in_any_batch(rng, density):
    final_or = final_or_of(rng, 60)
    fired = rng.random((60, 200)) < density
    whole = KeptCrossings(fired, final_or)
    order = rng.permutation(200)
    for rows in (order, order[:7], order[7:8]):
        part = KeptCrossings(fired[:, rows], final_or)
        np.testing.assert_array_equal(part.total, whole.total[rows])
        for found, expected in zip(values_of(part), values_of(whole), strict=True):
            assert found
            assert all(value == expected[column, rows[row]] for (column, row), value in found.items())
