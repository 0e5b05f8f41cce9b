from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import DataError
from l1ml.trigger.rates.exact_sums import ExactSums

NUMBERS = st.floats(-1e100, 1e100, allow_subnormal=False).filter(lambda value: value == 0.0 or abs(value) > 1e-200)
ENTRIES = st.lists(st.tuples(st.integers(0, 2), NUMBERS), max_size=30)


def sums_of(entries):
    column = np.array([item[0] for item in entries], dtype=np.intp)
    return ExactSums.of_entries(column, np.array([item[1] for item in entries], dtype=np.float64), 3)


def exact(entries):
    return [float(sum((Fraction(value) for place, value in entries if place == column), Fraction(0))) for column in range(3)]


@given(ENTRIES, st.randoms(), st.lists(st.integers(0, 30), max_size=5))
def test_sums_are_those_of_fractions_in_any_order_and_parts(entries, random, cuts):
    shuffled = list(entries)
    random.shuffle(shuffled)
    cuts = sorted(min(cut, len(entries)) for cut in cuts)
    parts = [sums_of(shuffled[first:last]) for first, last in zip([0, *cuts], [*cuts, len(entries)], strict=True)]
    random.shuffle(parts)
    total = ExactSums.zeros(3)
    for part in parts:
        total = total + part
    assert total.floats.tolist() == sums_of(entries).floats.tolist() == exact(entries)


@given(st.lists(st.lists(st.floats(0, 1e6, width=32), min_size=3, max_size=3), min_size=1, max_size=20))
def test_products_are_those_of_fractions(rows):
    values = np.array(rows).T
    found = ExactSums.of_products(values, values[:2]).floats
    expected = [[float(sum(Fraction(row[a]) * Fraction(row[b]) for row in rows)) for b in range(2)] for a in range(3)]
    assert found.tolist() == expected


def test_many_small_numbers_beside_a_large_one_are_not_lost():
    values = np.full(3_000_000, 1e-10)
    values[1_234_567] = 2.0**70
    found = ExactSums.of_entries(np.zeros(values.size, dtype=np.intp), values, 1)
    assert found.floats[0] == float(2_999_999 * Fraction(1e-10) + 2**70)
    assert (found + ExactSums.of_array(np.array([-(2.0**70)]))).floats[0] == float(2_999_999 * Fraction(1e-10))


def test_digits_are_carried_before_they_overflow():
    total = ExactSums.of_array(np.array([2.0**60, -(2.0**60)]))
    for _ in range(70):
        total = total + total
    assert total.floats.tolist() == [2.0**130, -(2.0**130)]


def test_nothing_is_zero_and_infinity_is_refused():
    assert ExactSums.zeros(2, 2).floats.tolist() == [[0.0, 0.0], [0.0, 0.0]]
    with pytest.raises(DataError, match="a sum of inf"):
        ExactSums.of_array(np.array([np.inf]))
