from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from l1ml.trigger.rates.intervals import ONE_SIGMA, clopper_pearson, poisson_upper_limit


@given(st.integers(0, 50), st.integers(1, 50))
def test_clopper_pearson_inverts_the_binomial(n_passed, n_total):
    n_passed = min(n_passed, n_total)
    low, high = clopper_pearson(n_passed, n_total)
    tail = (1 - ONE_SIGMA) / 2
    assert 0 <= low <= n_passed / n_total <= high <= 1
    if n_passed > 0:
        assert stats.binom.sf(n_passed - 1, n_total, low) == pytest.approx(tail, rel=1e-6)
    if n_passed < n_total:
        assert stats.binom.cdf(n_passed, n_total, high) == pytest.approx(tail, rel=1e-6)


def test_poisson_upper_limits():
    assert stats.poisson.pmf(0, poisson_upper_limit()) == pytest.approx((1 - ONE_SIGMA) / 2)
    assert stats.poisson.pmf(0, poisson_upper_limit(0.95, central=False)) == pytest.approx(0.05)
