"""Diagnostics of posteriors: how often a right one is flagged, and one that is 20 % too wide or narrow or 0.3 sigma off.

Run with: pytest tests/benchmarks/test_inference_diagnostics.py --benchmark-only
A `GaussianModel`, whose posterior is known; 1000 simulations, 60 draws of each posterior; seeds are the numbers of the toys.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from offline.inference import GaussianModel, simulate
from offline.inference.diagnostics import (
    Predictive,
    c2st,
    calibrated_p_value,
    diagnose,
    misspecification,
    predictive_check,
    predictive_checks,
    ratio_calibration,
    tarp,
)

MODEL = GaussianModel()
TESTS = ("one parameter", "ranks", "balls", "densest", "all", "balls, random")


def flagged(toys: int, **wrong: Any) -> dict[str, float]:
    """Share of toys with a p-value below 5 %."""
    found = np.empty((toys, len(TESTS)))
    for seed in range(toys):
        simulations, posterior = simulate(MODEL.prior, MODEL, 1000, seed=seed), MODEL.posterior(**wrong)
        result = diagnose(posterior, simulations, draws=60, seed=seed)
        rng = np.random.default_rng((seed, 1))
        random = tarp(simulations.theta, posterior.sample_each(simulations, 60, rng), rng, reference="random")
        assert result.densest is not None
        tests = (result.ranks, result.balls, result.densest, result, random)
        found[seed] = [result.ranks.p_values[0], *(test.p_value for test in tests)]
    return dict(zip(TESTS, (found < 0.05).mean(axis=0).tolist(), strict=True))


def test_false_alarms_are_five_percent(benchmark: BenchmarkFixture) -> None:
    shares: dict[str, float] = benchmark.pedantic(flagged, args=(1000,), rounds=1)
    benchmark.extra_info |= shares
    assert all(0.03 <= share <= 0.07 for share in shares.values()), shares


@pytest.mark.parametrize("wrong", [{"widen": 1.2}, {"widen": 1 / 1.2}, {"shift": 0.3}], ids=["wide", "narrow", "biased"])
def test_what_is_wrong_is_flagged(benchmark: BenchmarkFixture, wrong: dict[str, float]) -> None:
    shares: dict[str, float] = benchmark.pedantic(flagged, args=(100,), kwargs=wrong, rounds=1)
    benchmark.extra_info |= shares
    # balls see a bias in second order only
    seen = ("one parameter", "ranks", "densest", "all") if "shift" in wrong else TESTS[:-1]
    assert all(shares[name] >= 0.8 for name in seen), shares


@cache
def right_checks() -> list[Predictive]:
    return predictive_checks(MODEL, MODEL.posterior(), simulate(MODEL.prior, MODEL, 500, seed=1), np.random.default_rng(1))


def predictive(seed: int, wrong: bool) -> float:
    """Wrong: three standard deviations off, in the direction that no parameter can follow."""
    rng = np.random.default_rng((seed, 2))
    off = 3 * MODEL.noise * np.linalg.svd(MODEL.matrix)[0][:, 2] if wrong else np.zeros(3)
    x = MODEL(MODEL.prior.sample(1, rng), rng)[0] + off
    found = predictive_check(MODEL, MODEL.prior, MODEL.posterior().sample(x, 200, rng), x, rng)
    return calibrated_p_value(found, right_checks())


def foreign(seed: int, wrong: bool) -> float:
    rng = np.random.default_rng((seed, 3))
    simulated = MODEL(MODEL.prior.sample(1000, rng), rng)
    observed = MODEL(MODEL.prior.sample(100, rng), rng) + (0.5 if wrong else 0.0)
    return misspecification(observed, simulated, rng, permutations=199).p_value


def ratio(seed: int, wrong: bool) -> float:
    rng = np.random.default_rng((seed, 4))
    right = rng.normal(0, 1.5, 2000)
    joint: NDArray[np.bool_] = rng.random(2000) < 1 / (1 + np.exp(-right))
    return ratio_calibration(right * (1.2 if wrong else 1.0), joint).p_value


def classifier(seed: int, wrong: bool) -> float:
    rng = np.random.default_rng((seed, 5))
    return c2st(rng.normal(size=(500, 2)), rng.normal(0, 1.4 if wrong else 1.0, (500, 2)), passes=50).p_value


@pytest.mark.parametrize(("p_value", "toys"), [(predictive, 1000), (foreign, 300), (ratio, 1000), (classifier, 60)])
def test_other_tests(benchmark: BenchmarkFixture, p_value: Any, toys: int) -> None:
    def shares() -> list[float]:
        return [float(np.mean([p_value(seed, wrong) < 0.05 for seed in range(toys)])) for wrong in (False, True)]

    alarms, power = benchmark.pedantic(shares, rounds=1)
    benchmark.extra_info |= {"false_alarms": alarms, "power": power}
    assert alarms <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / toys)
    assert power >= 0.7
