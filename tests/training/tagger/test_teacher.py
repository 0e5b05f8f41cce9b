from __future__ import annotations

import numpy as np

from l1ml.training.tagger.teacher import mean_logits, teacher_seeds


def test_the_mean_is_one_of_probabilities(rng: np.random.Generator) -> None:
    logits = [rng.normal(0, 30, (200, 5)) for _ in range(3)]
    powers = [np.exp(item - item.max(axis=1, keepdims=True)) for item in logits]
    wanted = np.mean([item / item.sum(axis=1, keepdims=True) for item in powers], axis=0)
    np.testing.assert_allclose(np.exp(mean_logits(logits)), wanted, rtol=1e-9)


def test_one_teacher_is_left_as_it_is(rng: np.random.Generator) -> None:
    logits = rng.normal(0, 3, (20, 5)).astype(np.float32)
    assert mean_logits([logits]) is logits


def test_the_first_seed_is_that_of_the_training_and_no_other_one_comes_twice() -> None:
    seeds = [teacher_seeds(seed, 4) for seed in range(1, 6)]
    assert [item[0] for item in seeds] == [1, 2, 3, 4, 5]
    assert len({seed for item in seeds for seed in item}) == 20
