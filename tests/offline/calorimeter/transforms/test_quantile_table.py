from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from offline.calorimeter.transforms.quantile_table import quantile_table, scores_of, values_of


@given(seed=st.integers(0, 2**32 - 1), ties=st.booleans())
def test_values_to_scores_and_back(seed: int, ties: bool) -> None:
    rng = np.random.default_rng(seed)
    sample = rng.exponential(size=(300, 2))
    table = quantile_table(np.round(sample) if ties else sample)
    tables = np.broadcast_to(table, (50, *table.shape))
    values = rng.normal(scale=5.0, size=(50, 2))
    if not ties:
        np.testing.assert_allclose(values_of(scores_of(values, tables), tables), values, atol=1e-9)
    scores = rng.normal(scale=2.0, size=(50, 2))
    np.testing.assert_allclose(scores_of(values_of(scores, tables), tables), scores, atol=1e-6)


def test_a_sample_has_the_scores_of_a_normal_one(rng: np.random.Generator) -> None:
    sample = rng.exponential(size=(20_000, 1))
    table = quantile_table(sample)
    scores = scores_of(sample, np.broadcast_to(table, (20_000, *table.shape)))
    np.testing.assert_allclose([scores.mean(), scores.std()], [0.0, 1.0], atol=0.01)
