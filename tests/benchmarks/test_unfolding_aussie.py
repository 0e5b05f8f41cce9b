"""What AUSSIE leaves of the shift at smear 3 with 20 % misses and 10 % fakes, and what covariances of 1000 bins cost.

10^6 simulated and 10^6 true events, seeds 1 to 3. The statistical limit is there 2.6 % of the shift and 0.013 on the width:
half of the variance is that of the data, half that of the simulated response, which no method can know better. Run with:
pytest tests/benchmarks/test_unfolding_aussie.py --benchmark-only
"""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from offline.unfolding import GaussianToy
from offline.unfolding.aussie import Aussie, NetworkSettings
from offline.unfolding.classical import Histogram, Ibu, ResponseMatrix, Svd
from offline.unfolding.classical.binned import BinnedMethod
from offline.unfolding.ratio import RatioSettings

_TOY = GaussianToy(smear=3.0, shift=0.2, width=0.9, misses=0.2, fakes=0.1)
_METHODS = {"form alone": Aussie(RatioSettings(hidden=()), NetworkSettings(hidden=())), "with networks": Aussie()}


@pytest.mark.parametrize(("name", "seed"), [("form alone", 1), ("form alone", 2), ("form alone", 3), ("with networks", 1)])
def test_shift_that_is_left(benchmark: BenchmarkFixture, name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    mc, data = _TOY.simulation(10**6, rng), _TOY.nature(10**6, rng).measured()
    before = time.process_time()
    result = benchmark.pedantic(_METHODS[name].fit, (mc, data), {"seed": seed}, rounds=1)
    mean = float(np.average(result.gen[:, 0], weights=result.weight))
    benchmark.extra_info |= {
        "cpu_s": time.process_time() - before,
        "shift_left": 1 - mean / _TOY.shift,
        "width": float(np.sqrt(np.average(np.square(result.gen[:, 0] - mean), weights=result.weight))),
        "total": result.total / 10**6,
        "network_kept": result.record["weight"].get("network_kept"),
    }
    # two standard deviations of the statistical limit
    assert abs(1 - mean / _TOY.shift) < 0.06


@pytest.mark.parametrize("method", [Ibu(iterations=10), Svd(k=60)], ids=lambda method: method.name)
def test_thousand_bins(benchmark: BenchmarkFixture, method: BinnedMethod) -> None:
    n, rng = 1000, np.random.default_rng(1)
    both = 1e4 * np.exp(-0.5 * np.square((np.arange(n)[:, None] - np.arange(n)) / 3.0))
    missed, fake = np.full(n, 1e4), np.full(n, 1e3)
    response = ResponseMatrix(both, both, missed, missed, fake, fake, (n,))
    counts = rng.poisson(both.sum(axis=1) + fake).astype(np.float64)
    benchmark.pedantic(method.solve, (response, Histogram(counts, counts)), {"jacobian": True}, rounds=3)
    tracemalloc.start()
    method.solve(response, Histogram(counts, counts), jacobian=True)
    benchmark.extra_info["peak_MB"] = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
