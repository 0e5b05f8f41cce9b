from __future__ import annotations

import numpy as np
import pytest

from l1ml.errors import ConfigError, DataError
from offline.calorimeter.judging.amplification import amplification, mixtures


def _camelback(n: int, rng: np.random.Generator) -> np.ndarray:
    return np.where(rng.random(n) < 0.5, -4.0, 4.0) + rng.normal(size=n)


def _bootstrap(samples: np.ndarray, made: int, rng: np.random.Generator) -> np.ndarray:
    return np.take_along_axis(samples, rng.integers(samples.shape[1], size=(len(samples), made)), axis=1)


def test_a_generator_that_repeats_its_sample_is_worth_as_much(rng: np.random.Generator) -> None:
    found = amplification(_bootstrap, rng.random(20_000), quantiles=20, made=5000)
    assert found.factor == pytest.approx(1.0, abs=5 * found.factor_error)
    assert found.sample.mean() == pytest.approx(found.expected, rel=0.15)


def test_a_model_of_the_right_form_is_worth_more_and_the_more_the_finer_the_cells(rng: np.random.Generator) -> None:
    truth = _camelback(20_000, rng)
    coarse, fine = (amplification(mixtures, truth, quantiles=quantiles, made=5000) for quantiles in (5, 50))
    assert 1.0 < coarse.factor < fine.factor
    assert fine.factor > 5
    assert fine.worth == pytest.approx(100 * fine.factor)


def test_a_model_of_a_wrong_form_is_worth_less(rng: np.random.Generator) -> None:
    def one_gaussian(samples: np.ndarray, made: int, rng: np.random.Generator) -> np.ndarray:
        return mixtures(samples, made, rng, components=1)

    assert amplification(one_gaussian, _camelback(20_000, rng), quantiles=5, made=5000).factor < 0.5


def test_mixtures_find_the_parameters(rng: np.random.Generator) -> None:
    made = mixtures(np.stack([_camelback(4000, rng), 10 + _camelback(4000, rng)]), 40_000, rng)
    for centre, values in zip((0, 10), made, strict=True):
        left = values[values < centre]
        assert left.mean() == pytest.approx(centre - 4, abs=0.1)
        assert left.std() == pytest.approx(1, abs=0.1)


def test_too_few_trainings_or_too_little_truth_are_refused(rng: np.random.Generator) -> None:
    with pytest.raises(ConfigError, match="at least 100"):
        amplification(mixtures, rng.random(20_000), trainings=99)
    with pytest.raises(DataError, match="10000 finite values"):
        amplification(mixtures, rng.random(9999))
