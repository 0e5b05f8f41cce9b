"""OmniFold on a million events with a closed form, and with poor resolution; Z + jet stands in test_unfolding_zjet.py.

Run with: pytest tests/benchmarks --benchmark-only. CPU seconds stand beside the wall time.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from offline.unfolding import GaussianToy, Simulation, Unfolded
from offline.unfolding.gaussian_toy import em_moments
from offline.unfolding.omnifold import OmniFold
from offline.unfolding.ratio import RatioSettings
from offline.unfolding.sample import FloatArray

MILLION = 1_000_000


def _timed(benchmark: BenchmarkFixture, method: OmniFold, mc: Simulation, nature: Simulation) -> Unfolded:
    start = time.process_time()
    unfolded = benchmark.pedantic(method.fit, args=(mc, nature.measured()), rounds=1)
    benchmark.extra_info["cpu_s"] = time.process_time() - start
    assert isinstance(unfolded, Unfolded)
    return unfolded


def _moments(z: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    means = weights @ z / weights.sum(axis=-1)
    return means, np.sqrt(weights @ z**2 / weights.sum(axis=-1) - means**2)


@pytest.mark.parametrize("hidden", [(), (64, 64)])
def test_follows_expectation_maximisation(benchmark: BenchmarkFixture, hidden: tuple[int, ...]) -> None:
    """Seeds 1 and 2; ten iterations within 1 % of the shift."""
    toy = GaussianToy()
    mc, nature = toy.simulation(MILLION, np.random.default_rng(1)), toy.nature(MILLION, np.random.default_rng(2))
    unfolded = _timed(benchmark, OmniFold(iterations=10, ratio=RatioSettings(hidden=hidden)), mc, nature)
    z, noise, x = mc.gen[:, 0], mc.reco[:, 0] - mc.gen[:, 0], nature.reco[:, 0]
    means, widths = em_moments(noise.std(), (z.mean(), z.std()), (x.mean() - noise.mean(), x.std()), 10)
    assert unfolded.iterations is not None
    found = _moments(z, unfolded.iterations)
    off = np.abs(found[0] - means).max() / toy.shift
    benchmark.extra_info |= {"off_by_share_of_shift": off, "width_off": np.abs(found[1] - widths).max()}
    assert off < 0.01


def test_poor_resolution_with_misses_and_fakes(benchmark: BenchmarkFixture) -> None:
    """Seeds 1 and 2; at most 5 % of the shift left, the width within 0.02."""
    toy = GaussianToy(misses=0.2, fakes=0.1)
    mc, nature = toy.simulation(MILLION, np.random.default_rng(1)), toy.nature(MILLION, np.random.default_rng(2))
    method = OmniFold(iterations=30, accelerated=True, ratio=RatioSettings(hidden=(), degree=0))
    unfolded = _timed(benchmark, method, mc, nature)
    mean, width = _moments(unfolded.gen[:, 0], unfolded.weight)
    benchmark.extra_info |= {"shift_left": 1 - mean / toy.shift, "width": float(width)}
    assert abs(mean - toy.shift) <= 0.05 * toy.shift
    assert abs(width - toy.width) <= 0.02
