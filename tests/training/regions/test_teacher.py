from __future__ import annotations

import numpy as np
import pytest

from l1ml.errors import ConfigError
from l1ml.training.regions import RegionsConfig, TeacherConfig
from l1ml.training.regions.pictures import turned
from l1ml.training.regions.teacher import COUNTS, TURN, build_teacher, scorer_of, train_teacher

pytest.importorskip("keras")

SMALL = TeacherConfig(filters=3, latent=2, epochs=3, batch_size=64, learning_rate=0.01)


def test_a_turn_by_its_stride_turns_its_picture_and_no_other_turn_does(rng: np.random.Generator) -> None:
    teacher = build_teacher(SMALL)
    # small whole numbers, so that floats add up exactly in any order
    teacher.set_weights([rng.integers(-2, 3, weight.shape).astype(np.float32) for weight in teacher.get_weights()])
    words = (COUNTS * rng.integers(0, 6, (20, 252))).astype(np.int32)
    picture = np.asarray(teacher(words.astype(np.float32)))
    for steps in range(18):
        after = np.asarray(teacher(turned(words, np.full(20, steps)).astype(np.float32)))
        assert np.array_equal(after, turned(picture, np.full(20, steps))) == (steps % TURN == 0)


def test_the_score_is_the_squared_error(rng: np.random.Generator) -> None:
    teacher = build_teacher(SMALL)
    words = rng.integers(0, 30, (20, 252)).astype(np.float32)
    error = np.mean((np.asarray(teacher(words)) - words / COUNTS) ** 2, axis=1)
    np.testing.assert_allclose(np.asarray(scorer_of(teacher)(words))[:, 0], np.log2(1 + 32 * error), rtol=1e-5)


def test_it_learns_what_is_usual(rng: np.random.Generator) -> None:
    usual = np.broadcast_to(8 + np.arange(252) % 14, (600, 252)) + rng.integers(0, 2, (600, 252))
    samples = tuple((part.astype(np.int32), np.ones(len(part))) for part in (usual[:500], usual[500:]))
    scorer = scorer_of(train_teacher(build_teacher(SMALL), samples, SMALL, seed=3))
    strange = usual[:50].copy()
    strange[:, 100] += 60
    scores = [np.asarray(scorer(words.astype(np.float32))) for words in (usual[:50], strange)]
    assert scores[0].max() < scores[1].min()


def test_bad_settings() -> None:
    with pytest.raises(ConfigError, match="all numbers of the teacher must be positive"):
        TeacherConfig(latent=0)
    with pytest.raises(ConfigError, match="turns are at most 18 and mixtures not negative, received 19"):
        RegionsConfig(turns=19)
    with pytest.raises(ConfigError, match="filters must be at least 1"):
        RegionsConfig(filters=0)
