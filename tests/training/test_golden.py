from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from l1ml.training.golden import golden_places

columns = arrays(np.int64, st.integers(1, 40), elements=st.integers(-5, 30))


@given(columns, st.integers(1, 50))
def test_they_are_as_many_as_asked_for_and_different(scores: np.ndarray, n: int) -> None:
    places = golden_places(scores, n)
    assert len(places) == min(n, len(scores))
    assert (np.diff(places) > 0).all()


@given(columns, st.integers(4, 50))
def test_the_smallest_and_the_largest_score_are_there(scores: np.ndarray, n: int) -> None:
    found = scores[golden_places(scores, n)]
    assert found.min() == scores.min()
    assert found.max() == scores.max()


def test_rare_scores_are_there_beside_the_first_crossings() -> None:
    scores = np.concatenate([np.zeros(1000, np.int64), np.arange(200)])
    places = golden_places(scores, 100)
    assert places[:50].tolist() == list(range(50))
    assert len(np.unique(scores[places])) == 50


def test_scores_of_several_words_are_told_apart() -> None:
    scores = np.array([[0, 0], [0, 0], [0, 1], [1, 0]])
    assert golden_places(scores, 4).tolist() == [0, 1, 2, 3]
