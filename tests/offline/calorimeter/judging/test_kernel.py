from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import ConfigError
from offline.calorimeter.judging.kernel import kernel_physics_distance, polynomial_discrepancy


@given(st.integers(2, 6), st.integers(2, 6), st.integers(1, 3), st.integers(0, 2**31))
def test_is_the_sum_over_pairs(n: int, m: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, two = rng.normal(size=(n, d)), rng.normal(size=(m, d))
    within = [
        np.mean([(a @ b / d + 1) ** 4 for i, a in enumerate(side) for j, b in enumerate(side) if i != j]) for side in (one, two)
    ]
    across = np.mean([(a @ b / d + 1) ** 4 for a in one for b in two])
    assert polynomial_discrepancy(one, two) == pytest.approx(sum(within) - 2 * across, rel=1e-9, abs=1e-9)


def test_has_no_bias(rng: np.random.Generator) -> None:
    values = np.array([polynomial_discrepancy(*rng.normal(size=(2, 30, 2))) for _ in range(400)])
    assert abs(values.mean()) < 4 * values.std(ddof=1) / 20
    assert (values < 0).any()


def test_rows_beyond_a_block_count(rng: np.random.Generator) -> None:
    one, two = rng.normal(size=(1500, 2)), rng.normal(size=(1100, 2))
    kernel = [(a @ b.T / 2 + 1) ** 4 for a, b in ((one, one), (two, two), (one, two))]
    within = [(each.sum() - np.trace(each)) / (len(each) * (len(each) - 1)) for each in kernel[:2]]
    assert polynomial_discrepancy(one, two) == pytest.approx(sum(within) - 2 * kernel[2].mean(), rel=1e-6)


def test_a_shift_is_seen(rng: np.random.Generator) -> None:
    truth = rng.normal(size=(2000, 4))
    same, shifted = (kernel_physics_distance(truth, rng.normal(size=(2000, 4)) + by, batches=6) for by in (0.0, 0.3))
    assert abs(same.value) < 3 * max(same.error, 1e-5)
    assert shifted.value > 10 * abs(same.value)
    assert (same.size, len(same.to_dict()["batches"])) == (1000, 6)


def test_no_batch_is_refused(rng: np.random.Generator) -> None:
    with pytest.raises(ConfigError, match="received 0 of 10"):
        kernel_physics_distance(rng.normal(size=(20, 2)), rng.normal(size=(20, 2)), batches=0)
