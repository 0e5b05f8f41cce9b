from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.training.dominance import before, before_in_both

pytest.importorskip("keras")


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 70), st.integers(0, 9))
def test_sums_are_those_of_all_pairs(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other, values = rng.permutation(n), rng.permutation(n), rng.integers(-9, 9, (n, 2)).astype(np.float64)
    place, rank = np.argsort(one), np.argsort(other)
    is_before = place[None] < place[:, None]
    np.testing.assert_array_equal(before(values, one), is_before @ values)
    np.testing.assert_array_equal(before_in_both(values, one, other), (is_before & (rank[None] < rank[:, None])) @ values)
