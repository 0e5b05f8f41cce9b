"""Generative unfolding against exact posteriors, and on Z + jet: how near, and how long.

Run with: pytest tests/benchmarks/test_unfolding_generative.py --benchmark-only; Z + jet with L1ML_PAIRS set to a folder that
holds monash1.h5 and a14_1.h5 of ``l1ml data generate-pairs``. Every seed and size is written here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.data import read_events
from offline.density.training import Learner
from offline.unfolding import GaussianToy, Simulation, simulation_from_events
from offline.unfolding.gaussian_toy import em_moments
from offline.unfolding.generative import ConditionalFlow, FlowMatching, ParameterRange, Quantity, Training, mixture
from offline.unfolding.generative.methods import GenerativeMethod
from offline.unfolding.sample import FloatArray

N = 100_000
METHODS = {"flow_matching": FlowMatching(), "affine": ConditionalFlow(), "spline": ConditionalFlow(transform="spline")}


def _once(benchmark: BenchmarkFixture, work: Callable[[], Any]) -> Any:
    """Result of `work`, timed once, with its CPU seconds beside."""
    start = time.process_time()
    result = benchmark.pedantic(work, rounds=1)
    benchmark.extra_info["cpu_s"] = time.process_time() - start
    return result


def _wasserstein(one: FloatArray, other: FloatArray) -> float:
    """Mean distance of quantiles, of samples of any size."""
    ranks = (np.arange(2000) + 0.5) / 2000
    return float(np.abs(np.quantile(one, ranks) - np.quantile(other, ranks)).mean())


@pytest.mark.parametrize("smear", [1.0, 3.0])
@pytest.mark.parametrize("name", METHODS)
def test_posterior_of_one_dimension(benchmark: BenchmarkFixture, name: str, smear: float) -> None:
    rng = np.random.default_rng(1)
    toy = GaussianToy(smear=smear, shift=0.5)
    mc, data = toy.simulation(N, rng), toy.nature(N, rng).measured()
    unfolded = _once(benchmark, lambda: METHODS[name].fit(mc, data, seed=1))
    gain = 1 / (1 + smear**2)
    exact = gain * data.reco[:, 0] + rng.normal(0, np.sqrt(1 - gain), N)
    pull = unfolded.gen[:, 0] - gain * data.reco[:, 0]
    benchmark.extra_info |= {
        "mean_off": float(pull.mean()),
        "slope_off": float(np.polyfit(data.reco[:, 0], pull, 1)[0]),
        "sd_ratio": float(pull.std() / np.sqrt(1 - gain)),
        "wasserstein": _wasserstein(unfolded.gen[:, 0], exact),
    }
    assert abs(pull.mean()) < 0.03
    assert pull.std() / np.sqrt(1 - gain) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("name", METHODS)
def test_posterior_of_two_dimensions(benchmark: BenchmarkFixture, name: str) -> None:
    rng = np.random.default_rng(2)
    prior = np.array([[1.0, 0.6], [0.6, 1.0]])
    gen = rng.multivariate_normal([0, 0], prior, 2 * N)
    reco = gen + rng.normal(size=gen.shape)
    everywhere = np.ones(2 * N, np.bool_)
    both = Simulation(
        gen, reco, np.ones(2 * N), everywhere, everywhere, np.arange(2 * N, dtype=np.uint64), ("a", "b"), ("a", "b")
    )
    mc, data = both.select(np.arange(N)), both.select(np.arange(N, 2 * N)).measured()
    unfolded = _once(benchmark, lambda: METHODS[name].fit(mc, data, seed=1))
    gain = prior @ np.linalg.inv(prior + np.eye(2))
    off = np.cov((unfolded.gen - data.reco @ gain.T).T) - (prior - gain @ prior)
    benchmark.extra_info |= {
        "covariance_off": float(np.abs(off).max()),
        "wasserstein": [_wasserstein(unfolded.gen[:, at], gen[N:, at]) for at in range(2)],
    }
    assert np.abs(off).max() < 0.03


@pytest.mark.parametrize("name", METHODS)
def test_ten_thousand_draws(benchmark: BenchmarkFixture, name: str) -> None:
    learner = Learner(METHODS[name].density(6, 6, 1))
    conditions = np.random.default_rng(1).normal(size=(10_000, 6))
    learner.draw(conditions, 1, np.random.default_rng(1))
    benchmark(learner.draw, conditions, 1, np.random.default_rng(1))


def test_iterations_follow_expectation_maximisation(benchmark: BenchmarkFixture) -> None:
    rng = np.random.default_rng(1)
    toy = GaussianToy()
    mc, data = toy.simulation(N, rng), toy.nature(N, rng).measured()
    unfolded = _once(benchmark, lambda: FlowMatching(iterations=10).fit(mc, data, seed=1))
    truth = em_moments(3.0, (0.0, 1.0), (data.reco.mean(), data.reco.std()), 10)
    steps = unfolded.record["iterations"]
    off = np.array([[step["mean"][0], step["sd"][0]] for step in steps]) - np.transpose(truth)
    benchmark.extra_info |= {"mean_off": off[:, 0].tolist(), "sd_off": off[:, 1].tolist()}
    assert np.abs(off).max() < 0.02


def test_bias_of_a_parameter(benchmark: BenchmarkFixture) -> None:
    """Resolution as wide as the peak; simulated at -1, -0.5, 0, 0.5 and 1 (single: 0), nature at 0.7."""
    rng = np.random.default_rng(1)
    simulations = [GaussianToy(smear=1.0, shift=value, width=1.0).nature(20_000, rng) for value in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    nature = GaussianToy(smear=1.0, shift=0.7, width=1.0).nature(20_000, rng)
    data = nature.measured()
    inputs = {
        "single": (simulations[2], data),
        "mixed": (mixture(simulations), data),
        "estimate": ParameterRange("x", batch=1000).prepare(simulations, data),
    }
    means = _once(benchmark, lambda: {name: FlowMatching().fit(*pair).gen.mean() for name, pair in inputs.items()})
    bias = {name: float(mean - nature.gen.mean()) for name, mean in means.items()}
    benchmark.extra_info |= bias
    assert abs(bias["estimate"]) < 0.1 * abs(bias["mixed"]) < 0.1 * abs(bias["single"])


@pytest.fixture(scope="module")
def tunes() -> tuple[Simulation, Simulation]:
    folder = os.environ.get("L1ML_PAIRS")
    if folder is None:
        pytest.skip("set L1ML_PAIRS to a folder of Z + jet pairs")
    monash, a14 = (simulation_from_events(read_events(Path(folder) / f"{name}.h5")) for name in ("monash1", "a14_1"))
    return monash, a14


def _ranked(names: tuple[str, ...]) -> tuple[Quantity, ...]:
    return tuple(Quantity(name, "ranked", whole=name == "multiplicity") for name in names)


def _triangular(gen: FloatArray, weight: FloatArray, truth: Simulation, column: int) -> float:
    """Triangular discriminator x 1000 in 50 bins over the central 99.6 % of the truth."""
    seen = truth.gen[truth.pass_gen, column]
    edges = np.linspace(*np.quantile(seen, [0.002, 0.998]), 51)
    one = np.histogram(gen, edges, weights=weight)[0] / weight.sum()
    other = np.histogram(seen, edges)[0] / len(seen)
    both = np.maximum(one + other, np.finfo(np.float64).tiny)
    return float(500 * (np.square(one - other) / both).sum())


@pytest.mark.parametrize("nature", ["monash", "a14"])
@pytest.mark.parametrize("name", ["flow_matching", "affine"])
def test_z_and_jet(benchmark: BenchmarkFixture, tunes: tuple[Simulation, Simulation], name: str, nature: str) -> None:
    monash, a14 = tunes
    half = np.arange(monash.n) < monash.n // 2
    mc, truth = (monash.select(half), monash.select(~half)) if nature == "monash" else (monash, a14)
    settings = {"quantities": _ranked(mc.gen_names), "training": Training(updates=3000)}
    method: GenerativeMethod = type(METHODS[name])(**settings)
    unfolded = _once(benchmark, lambda: method.fit(mc, truth.measured(), seed=1))
    simulated = mc.gen[mc.pass_gen]
    for at, quantity in enumerate(mc.gen_names):
        before = _triangular(simulated[:, at], mc.weight[mc.pass_gen], truth, at)
        benchmark.extra_info[quantity] = [before, _triangular(unfolded.gen[:, at], unfolded.weight, truth, at)]
    step = unfolded.record["iterations"][-1]
    benchmark.extra_info |= {
        "chi2_of_ranks": [column["chi2_per_bin"] for column in step["ranks"]],
        "yield_ratio": unfolded.total / truth.weight[truth.pass_gen].sum(),
    }
    # 2000 pairs in 16 bins scatter by 0.4 around 1; flow matching measured 0.5 to 1.1, rapidity and pTD 2.3 and 2.1
    assert max(benchmark.extra_info["chi2_of_ranks"]) < 4
    assert unfolded.total == pytest.approx(truth.weight[truth.pass_gen].sum(), rel=0.05)
