from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.tagging import ScoredJets, TaggingConfig, class_margins, tagging_performance

NAMES = ("a", "b", "c")


def scored(n: int, rng: np.random.Generator) -> ScoredJets:
    """Words whose own class is higher by six on average."""
    classes = rng.integers(0, 3, n)
    words = rng.integers(0, 20, (n, 3))
    words[np.arange(n), classes] += 6
    return ScoredJets(words, classes, np.arange(n) // 2)


@given(arrays(np.int64, st.tuples(st.integers(1, 20), st.integers(2, 6)), elements=st.integers(-50, 50)))
def test_a_margin_is_the_distance_to_the_best_other_class(words: np.ndarray) -> None:
    margins = class_margins(words)
    for row, margin in zip(words, margins, strict=True):
        for index, value in enumerate(row):
            assert margin[index] == value - max(np.delete(row, index))


def test_accuracy_areas_and_confusion(rng: np.random.Generator) -> None:
    derived, tried = scored(3000, rng), scored(3000, rng)
    found = tagging_performance(derived, tried, NAMES, TaggingConfig())
    won = tried.words.argmax(axis=1)
    assert found.accuracy.n_passed == (won == tried.classes).sum() == sum(found.confusion[i][i] for i in range(3))
    assert found.confusion[0][2] == ((tried.classes == 0) & (won == 2)).sum()
    assert found.accuracy.low < found.accuracy.value < found.accuracy.high
    for index, name in enumerate(NAMES):
        jets, item = tried.tagged(index), found.classes[name]
        above = (jets.signal[:, None] > jets.background).mean() + (jets.signal[:, None] == jets.background).mean() / 2
        assert item.area == pytest.approx(above)
        assert 0 < item.area_error < 0.02
        assert item.curve["signal"] == sorted(item.curve["signal"])
        assert item.curve["background"] == sorted(item.curve["background"])
        assert len(item.points) == 5
    json.dumps(found.to_dict(), allow_nan=False)


def test_words_that_do_not_fit_the_classes(rng: np.random.Generator) -> None:
    jets = scored(100, rng)
    with pytest.raises(DataError, match=r"shape \(100, 3\) for the 2 classes a, b"):
        tagging_performance(jets, jets, ("a", "b"), TaggingConfig())
    alone = ScoredJets(jets.words, np.zeros(100, np.int64), jets.group)
    with pytest.raises(DataError, match="fewer than two jets of b, c among 100"):
        tagging_performance(jets, alone, NAMES, TaggingConfig())


def test_a_share_is_between_zero_and_one() -> None:
    with pytest.raises(ConfigError, match="between 0 and 1"):
        TaggingConfig(signal=(1.5,))
