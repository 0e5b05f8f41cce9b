from __future__ import annotations

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from rate_toy import BruteForce, cases, decisions_of, menu_of

from l1ml.trigger import WeightedSample, rate_table


@given(cases())
@settings(deadline=None)
def test_correlations_equal_the_written_formula(case):
    found, exact = case.table.correlation, BruteForce(case)
    bits = [lambda fired, i=i: Fraction(fired[i]) for i in range(len(case.menu.names))]
    deviation = [sqrt(exact.covariance(bit, bit)) for bit in bits]
    for a, one in enumerate(bits):
        for b, other in enumerate(bits):
            product = deviation[a] * deviation[b]
            expected = float(exact.covariance(one, other)) / product if product else float(a == b)
            assert found[a, b] == pytest.approx(expected, abs=1e-7)


@given(cases())
@settings(deadline=None)
def test_it_is_a_correlation_matrix(case):
    matrix = case.table.correlation
    np.testing.assert_array_equal(matrix, matrix.T)
    np.testing.assert_array_equal(np.diag(matrix), 1.0)
    assert np.linalg.eigvalsh(matrix).min() > -1e-6


def test_correlations_of_independent_experiments():
    menu, rng = menu_of({}, {"prescale": 4}, {}), np.random.default_rng(20261122)
    rates, found = [], []
    for _ in range(400):
        common = rng.random((300, 1)) < 0.1
        bits = (rng.random((300, 3)) < [0.05, 0.3, 0.02]) | (common & [True, True, False])
        table = rate_table(menu, decisions_of(menu, bits), WeightedSample.from_arrays(np.ones(300), np.arange(300)))
        rates.append([row.after_prescale.khz for row in table.rows])
        found.append(table.correlation)
    expected = np.corrcoef(np.array(rates).T)
    assert (np.abs(np.mean(found, axis=0) - expected) < 3.0 / np.sqrt(400.0)).all()
    assert expected[0, 1] > 0.3
