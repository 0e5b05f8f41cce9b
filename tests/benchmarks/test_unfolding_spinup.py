"""SPINUP on the Gaussian toy of smear 3 with misses and fakes: what is left of the shift, cost of an ensemble, coverage; Z + jet.

Run with: pytest tests/benchmarks/test_unfolding_spinup.py --benchmark-only
Seeds and sizes stand in the tests. Z + jet wants the folder of generated pairs in $L1ML_PAIRS.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.data.event_file import read_events
from offline.unfolding import GaussianToy, Simulation, Unfolded, simulation_from_events
from offline.unfolding.spinup import FlowSettings, Schedule, Spinup

TOY = GaussianToy(misses=0.2, fakes=0.1)
PRECISE = Spinup(
    starts=0, bootstraps=0, unfolding=FlowSettings(), unfolding_schedule=Schedule(steps=400, batch=4096, learning_rate=0.01)
)
CHEAP = Spinup(
    draws=8, starts=0, bootstraps=0, samples=4000, unfolding_schedule=Schedule(steps=150, batch=1024, learning_rate=0.02)
)


def moments(gen: NDArray[np.float64], weight: NDArray[np.float64]) -> tuple[float, float]:
    """Mean and standard deviation of the first quantity."""
    mean = np.average(gen[:, 0], weights=weight)
    return float(mean), float(np.sqrt(np.average(np.square(gen[:, 0] - mean), weights=weight)))


def test_a_million_events_behind_a_threefold_smear(benchmark: BenchmarkFixture) -> None:
    rng = np.random.default_rng(1)
    mc, data = TOY.simulation(1_000_000, rng), TOY.nature(1_000_000, rng).measured()
    start = time.process_time()
    unfolded: Unfolded = benchmark.pedantic(PRECISE.fit, args=(mc, data), rounds=1)
    mean, sd = moments(unfolded.gen, unfolded.weight)
    benchmark.extra_info |= {"cpu_s": time.process_time() - start, "left": 1 - mean / TOY.shift, "sd": sd}
    assert abs(1 - mean / TOY.shift) <= 0.05
    assert abs(sd - TOY.width) <= 0.02


def test_thirty_members_cost_less_than_five_times_one(benchmark: BenchmarkFixture) -> None:
    rng = np.random.default_rng(2)
    mc, data = TOY.simulation(100_000, rng), TOY.nature(100_000, rng).measured()
    # compilation belongs to both, imports to none
    replace(CHEAP, response_schedule=Schedule(steps=1), unfolding_schedule=Schedule(steps=1)).fit(mc, data)
    seconds = []
    for starts in (0, 29):
        start = time.process_time()
        Spinup(starts=starts, bootstraps=0).fit(mc, data)
        seconds.append(time.process_time() - start)
    benchmark.extra_info |= {"one_cpu_s": seconds[0], "thirty_cpu_s": seconds[1], "ratio": seconds[1] / seconds[0]}
    benchmark.pedantic(lambda: None, rounds=1)
    assert seconds[1] <= 5 * seconds[0]


def coverage(n_toys: int, n_events: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pulls of mean and standard deviation over toys, and the size of their errors, shape (n_toys, 2) each."""
    rng = np.random.default_rng(seed)
    method = replace(CHEAP, bootstraps=12)
    response = method.learn(TOY.simulation(400_000, rng), seed=seed)
    # the fakes of a toy are learnt with it; they are Gaussian, which is where their density starts
    method = replace(method, response_schedule=Schedule(steps=1))
    pulls, errors = np.empty((n_toys, 2)), np.empty((n_toys, 2))
    for index in range(n_toys):
        unfolded = method.unfold(response, TOY.experiment(n_events, rng).measured(), seed=index)
        found = np.array(moments(unfolded.gen, unfolded.weight))
        others = [moments(replica.gen, replica.weight) for replica in unfolded.replicas if replica.gen is not None]
        errors[index] = np.std(others, axis=0, ddof=1)
        pulls[index] = (found - (TOY.shift, TOY.width)) / errors[index]
    return pulls, errors


@pytest.mark.slow
def test_intervals_of_bootstrapped_members_cover(benchmark: BenchmarkFixture) -> None:
    """Found over 100 toys, +- 0.05, from an earlier start of the fit: mean 0.63, standard deviation 0.61; of exact errors, as 12
    replicas give them, 0.66.

    Pulls have the mean 0.0 and -0.3 and the width 1.2 and 1.1 (exact: 1.1), estimates the mean 0.202 and 0.879.
    """
    n_toys = int(os.environ.get("L1ML_TOYS", "100"))
    pulls, errors = benchmark.pedantic(coverage, args=(n_toys, 10_000, 3), rounds=1)
    covered = (np.abs(pulls) < 1).mean(axis=0)
    benchmark.extra_info |= {
        "covered": covered.tolist(),
        "pull_mean": pulls.mean(axis=0).tolist(),
        "pull_sd": pulls.std(axis=0).tolist(),
        "error": errors.mean(axis=0).tolist(),
    }
    # two standard deviations of a binomial number beside the promise
    assert (np.abs(covered - 0.68) < 0.05 + 2 * np.sqrt(0.68 * 0.32 / n_toys)).all()


def triangular(
    a: NDArray[np.float64], b: NDArray[np.float64], weight_a: NDArray[np.float64], weight_b: NDArray[np.float64]
) -> float:
    """Triangular discriminator in twenty quantiles of `b`, times 1000."""
    edges = np.unique(np.quantile(b, np.linspace(0, 1, 21)))
    edges[[0, -1]] = -np.inf, np.inf
    p, q = (np.histogram(x, edges, weights=w)[0] / w.sum() for x, w in ((a, weight_a), (b, weight_b)))
    return float(500 * (np.square(p - q) / (p + q)).sum())


def softer_and_more_central(nature: Simulation) -> Simulation:
    """Nature with a spectrum softer by (pt / 200 GeV)^-0.7 and jets more central by exp(-y^2 / 8)."""
    pt, rapidity = (nature.gen[:, nature.gen_names.index(name)] for name in ("pt", "rapidity"))
    tilt = np.where(nature.pass_gen, (np.maximum(pt, 1) / 200) ** -0.7 * np.exp(-np.square(rapidity) / 8), 1.0)
    return nature.reweighted(nature.weight * tilt)


@pytest.mark.parametrize("tilted", [False, True], ids=["a14", "softer"])
def test_six_dimensions_of_z_and_jet(benchmark: BenchmarkFixture, tilted: bool) -> None:
    """Measured, one seed, 60,000 pairs each, in 144 s of a processor (TensorFlow 2.21.0, one thread), where chance makes 0.17.

    A14: pt 0.28 to 0.31, rapidity 0.15 to 0.12, mass 1.76 to 0.55, multiplicity 3.69 to 0.21, width 3.32 to 0.30, pTD 2.59 to
    0.21. Softer and more central: pt 5.47 to 0.34, rapidity 7.34 to 0.15, mass 3.95 to 0.67, multiplicity 5.32 to 0.21, width
    2.13 to 0.34, pTD 3.02 to 0.32.

    What decided was the start: from a linear Gaussian model the same fit ended at mass 2.5 and pt 0.9, and at mass 2.6 with the
    simulation itself as data. Sixteen draws are enough from here: the sixteen that the simulation finds most likely of 64 make no
    difference. Part of what is left may be the response: 0.1 % of the pairs are two different jets, and Gaussian tails that hold
    them make its rapidity too wide (the residual is 14.5 from the true one). With pairs further apart than 0.2 taken as misses
    and fakes another run ended at mass 0.41, pt 0.21, width 0.19.
    """
    folder = Path(os.environ.get("L1ML_PAIRS", ""))
    if not (folder / "a14_1.h5").is_file() or not (folder / "monash1.h5").is_file():
        pytest.skip("no Z + jet pairs; set L1ML_PAIRS")
    mc, nature = (simulation_from_events(read_events(folder / f"{name}.h5")) for name in ("monash1", "a14_1"))
    nature = softer_and_more_central(nature) if tilted else nature
    size = FlowSettings(hidden=16)
    method = Spinup(
        starts=0,
        bootstraps=0,
        samples=60_000,
        response=FlowSettings(hidden=32, spline_rate=0.3),
        unfolding=size,
        response_schedule=Schedule(steps=600, batch=2048, learning_rate=0.005),
        unfolding_schedule=Schedule(steps=300, batch=512, learning_rate=0.01),
    )
    start = time.process_time()
    unfolded: Unfolded = benchmark.pedantic(method.fit, args=(mc, nature.measured()), rounds=1)
    rows, prior = nature.pass_gen, mc.pass_gen
    table = {}
    for index, name in enumerate(unfolded.names):
        truth = nature.gen[rows, index]
        before = triangular(mc.gen[prior, index], truth, mc.weight[prior], nature.weight[rows])
        after = triangular(unfolded.gen[:, index], truth, unfolded.weight, nature.weight[rows])
        table[name] = (before, after)
    benchmark.extra_info |= {
        "cpu_s": time.process_time() - start,
        "discriminator": table,
        "importance": unfolded.record["importance"],
        "folded": {name: values["kolmogorov"] for name, values in unfolded.record["folded"].items()},
    }
    # two standard deviations, 0.1, of what chance makes
    assert all(after <= max(before, 0.17) + 0.1 for before, after in table.values())
    for name in table if tilted else ("multiplicity", "width", "ptd"):
        assert table[name][1] <= table[name][0] / 5
    assert table["mass"][1] <= table["mass"][0] / 3
