from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.errors import DataError
from offline.calorimeter.judging.ranks import area_under_curve

SCORES = st.lists(st.integers(0, 5), min_size=2, max_size=12)


@settings(deadline=None)  # the first example imports scipy
@given(SCORES, SCORES)
def test_is_the_share_of_ordered_pairs(truth: list[int], generated: list[int]) -> None:
    pairs = [(a > b) + 0.5 * (a == b) for a in truth for b in generated]
    area = area_under_curve(np.array(truth, float), np.array(generated, float))
    assert area.value == pytest.approx(np.mean(pairs))
    assert area_under_curve(np.array(generated, float), np.array(truth, float)).value == pytest.approx(1 - area.value)


def test_the_error_is_the_scatter(rng: np.random.Generator) -> None:
    found = np.array([area_under_curve(rng.normal(0.7, 1, 200), rng.normal(0, 1, 300)) for _ in range(400)])
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(ddof=1), rel=0.15)


def test_one_score_is_refused() -> None:
    with pytest.raises(DataError, match="1 and 3 scores"):
        area_under_curve(np.zeros(1), np.zeros(3))
