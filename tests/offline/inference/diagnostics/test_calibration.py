"""Ranks, TARP and regions of highest density on a model whose posterior is known, right and wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from l1ml.errors import ConfigError, DataError
from offline.inference import GaussianModel, simulate
from offline.inference.diagnostics import Diagnosis, Ranks, diagnose, highest_density, rank_test, tarp

MODEL = GaussianModel()


def diagnosed(seed: int, n: int = 1000, **wrong: Any) -> Diagnosis:
    return diagnose(MODEL.posterior(**wrong), simulate(MODEL.prior, MODEL, n, seed=seed), draws=60, seed=seed)


def p_values(seeds: range, n: int, **wrong: Any) -> np.ndarray:
    found = [diagnosed(seed, n, **wrong) for seed in seeds]
    return np.array([[d.ranks.p_values[0], d.balls.p_value, d.densest.p_value] for d in found if d.densest is not None])


def test_a_right_posterior_is_left_alone() -> None:
    """80 toys of 200 simulations: 4 false alarms expected of each test, 11 or more in one of a thousand such tests."""
    assert ((p_values(range(80), 200) < 0.05).sum(axis=0) <= 11).all()


@pytest.mark.parametrize("wrong", [{"widen": 1.2}, {"widen": 1 / 1.2}])
def test_a_width_that_is_20_percent_wrong_is_seen_by_all(wrong: dict[str, float]) -> None:
    assert (p_values(range(5), 1000, **wrong) < 0.05).all()


def test_a_bias_of_0_3_standard_deviations_is_seen_by_ranks() -> None:
    assert (p_values(range(5), 1000, shift=0.3)[:, 0] < 0.05).all()
    assert diagnosed(1, shift=0.3).p_value < 0.05


def test_coverage_of_intervals_is_counted(rng: np.random.Generator) -> None:
    found = diagnosed(1).ranks
    interval = found.coverage_interval(0.683, 0.9999)
    assert ((interval[:, 0] < 0.683) & (interval[:, 1] > 0.683)).all()
    assert (diagnosed(1, widen=1.5).ranks.coverage(0.683) > 0.8).all()


@pytest.mark.parametrize("draws", [7, 100])
def test_uniform_ranks_cover_what_they_must(draws: int) -> None:
    found = Ranks(("a",), np.arange(draws + 1)[:, None], draws, (1.0,))
    for level in (0.3, 0.683, 0.954):
        assert found.coverage(level)[0] == pytest.approx(level)


def test_curve_and_band(rng: np.random.Generator) -> None:
    found, levels = diagnosed(2), np.array([0.0, 0.3, 0.7, 1.0])
    curve, (low, high) = found.balls.curve(levels), found.balls.band(levels, rng)
    assert (curve[0], curve[-1]) == (0.0, 1.0)
    assert ((low <= curve) & (curve <= high)).all()
    assert found.densest is not None
    assert found.to_dict()["densest"]["p_value"] == found.densest.p_value


def test_random_references_see_a_width() -> None:
    found = simulate(MODEL.prior, MODEL, 1000, seed=1)
    rng = np.random.default_rng(1)
    assert tarp(found.theta, MODEL.posterior(widen=2.0).sample_each(found, 60, rng), rng, reference="random").p_value < 1e-3
    assert tarp(found.theta, MODEL.posterior().sample_each(found, 60, rng), rng, reference="random").p_value > 1e-3


def test_parameters_of_few_values_have_uniform_ranks(rng: np.random.Generator) -> None:
    truth, draws = rng.integers(0, 3, (2000, 1)).astype(float), rng.integers(0, 3, (2000, 50, 1)).astype(float)
    assert rank_test(("n",), truth, draws, rng).p_value > 1e-3


def test_what_cannot_be_tested(rng: np.random.Generator) -> None:
    truth, draws = rng.normal(size=(30, 2)), rng.normal(size=(30, 25, 2))
    with pytest.raises(DataError, match="do not fit"):
        rank_test(("a", "b"), truth[:, :1], draws, rng)
    with pytest.raises(DataError, match="1 of 30 posteriors gave draws that are not finite"):
        tarp(truth, np.where(np.arange(30)[:, None, None] == 4, np.nan, draws), rng)
    with pytest.raises(DataError, match="too few to find its centre"):
        tarp(truth, draws[:, :9], rng)
    with pytest.raises(DataError, match="19 simulations are too few"):
        rank_test(("a", "b"), truth[:19], draws[:19], rng)
    with pytest.raises(ConfigError, match="'centre' or 'random'"):
        tarp(truth, draws, rng, reference="middle")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="do not fit"):
        highest_density(np.zeros(3), np.zeros((4, 5)), rng)
    with pytest.raises(DataError, match="NaN"):
        highest_density(np.full(30, np.nan), np.zeros((30, 5)), rng)
