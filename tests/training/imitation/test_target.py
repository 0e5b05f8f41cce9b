"""What students aim at, of scorers that are simple functions of their words."""

from __future__ import annotations

import numpy as np
import pytest

from l1ml.training.imitation.target import explained, log_scores, mean_log_scores

WORDS = np.array([[1.0, 2.0], [3.0, 0.0], [40.0, 7.0]], np.float32)


def times(factor: float):
    return lambda words, training: factor * (words**2).sum(axis=1, keepdims=True)


def test_several_teachers_teach_the_mean_of_the_logarithms_and_not_that_of_the_scores():
    scorers = [times(1), times(2), times(100)]
    scores = np.array([5.0, 9.0, 1649.0])[:, None]
    expected = np.mean([np.log2(1 + factor * scores) for factor in (1, 2, 100)], axis=0)
    found = mean_log_scores(scorers, WORDS)
    assert found.shape == (3, 1)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_one_teacher_teaches_its_own_to_the_last_bit():
    np.testing.assert_array_equal(mean_log_scores([times(3)], WORDS), log_scores(times(3), WORDS))


def test_what_explains_everything_and_what_explains_nothing():
    wanted = log_scores(times(1), WORDS)
    assert explained(wanted, wanted) == 1
    assert explained(wanted, np.full_like(wanted, wanted.mean())) == pytest.approx(0, abs=1e-6)
    assert explained(wanted, -wanted) < 0
