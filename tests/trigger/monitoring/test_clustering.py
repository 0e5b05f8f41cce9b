from __future__ import annotations

import numpy as np
import pytest

from l1ml.trigger.monitoring import clustering as module
from l1ml.trigger.monitoring.clustering import clustering


@pytest.mark.parametrize("total", [40, 3000])
def test_even_mismatches_have_even_p_values(monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator, total: int) -> None:
    monkeypatch.setattr(module, "_TOYS", 99)
    firings = rng.integers(0, 60, 500)
    n_toys = 200 if total < 2000 else 1000
    p_values = []
    for _ in range(n_toys):
        wrong = np.bincount(np.searchsorted(np.cumsum(firings), rng.choice(firings.sum(), total, replace=False), "right"))
        p_values.append(clustering(np.pad(wrong, (0, 500 - len(wrong))), firings, rng).p_value)
    # 99.9 % of a binomial with 5 %
    assert sum(np.array(p_values) <= 0.05) <= (21 if n_toys == 200 else 74)
    assert 0.4 < np.mean(p_values) < 0.75


@pytest.mark.parametrize("each", [4, 400])
def test_mismatches_in_few_bins_are_found(rng: np.random.Generator, each: int) -> None:
    firings = np.full(3564, 3 * each)
    wrong = rng.poisson(each / 100, 3564)
    wrong[[7, 8]] = 3 * each
    found = clustering(wrong, firings, rng)
    assert found.p_value <= 0.001
    assert found.starts[0] <= 8
    assert found.starts[0] + found.width > 7


@pytest.mark.parametrize("each", [1, 60])
def test_a_wide_stretch_is_found_where_no_bin_stands_out(rng: np.random.Generator, each: int) -> None:
    firings = np.full(3564, 5 * each)
    wrong = rng.binomial(each, 0.005, 3564)
    wrong[300:340] += rng.binomial(each, 0.3, 40)
    found = clustering(wrong, firings, rng)
    assert found.p_value <= 0.002
    assert found.starts[0] <= 340
    assert found.starts[0] + found.width > 300


def test_where_nothing_can_be_said(rng: np.random.Generator) -> None:
    assert clustering(np.array([0, 1]), np.array([5, 5]), rng).p_value == 1.0
    assert clustering(np.array([5, 5]), np.array([5, 5]), rng).p_value == 1.0
    assert clustering(np.zeros(0, np.int64), np.zeros(0, np.int64), rng).starts == ()
