"""Share of 100 toys in which intervals of one standard deviation, from bootstraps of data and simulation, hold the truth.

Gaussian toys with 20 % misses and 10 % fakes, 20,000 simulated and 10^4 true events each, 25 + 25 replicas, seed 1. All methods
have the same toys, hence the same fluctuations. Found, in five bins, each +- 0.05: 0.60 0.71 0.59 0.60 0.71 (4 iterations; 31 s
of processor time), mean 0.64 +- 0.02, where 400 toys as histograms give 0.67; pulls are shifted by 0.4 in the lowest bin, because
the distribution within a bin is that of the simulation.

At smear 3, where the truth is all but washed out, AUSSIE's form alone on 10^4 + 10^4 events, 15 + 15 replicas, seed 1: mean
0.63, standard deviation 0.63, yield 0.70, each +- 0.05, in 340 s of one thread. The standard deviation scatters by 0.18 around
0.83 instead of 0.9, as so few events determine no more; a normal estimate that is off by so much is within its error in 0.65.

What keeps binned methods from 0.68 is taken apart in test_unfolding_coverage_in_bins.py; test_unfolding_spinup.py has SPINUP. Of
`conditional_flow` and `flow_matching`, small, one iteration, a simulation of 50,000, 5,000 events at smear 3, the mean is off by
11 and 15 errors, the standard deviation by 9: no toy of 4 is covered. With the prior of nature the mean is covered in 0.69 and
0.55, the standard deviation in 0.73 and 0.68 (49 toys with the exact error, 22 with one of replicas; +- 0.07 and 0.10). Run with:
pytest tests/benchmarks/test_unfolding_coverage.py --benchmark-only
"""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from scipy import stats

from offline.unfolding import GaussianToy, Uncertainties
from offline.unfolding.aussie import Aussie, NetworkSettings
from offline.unfolding.classical import Bins, Errors, Ibu, Inversion
from offline.unfolding.diagnostics.coverage import coverage
from offline.unfolding.method import UnfoldingMethod
from offline.unfolding.quantities import Mean, Spread, Yield
from offline.unfolding.ratio import RatioSettings

_TOY = GaussianToy(smear=0.25, shift=0.2, width=0.9, misses=0.2, fakes=0.1)
_EDGES = (-4.0, -1.5, -0.5, 0.5, 1.5, 4.0)
_INNER = np.linspace(-2.5, 2.5, 11).tolist()
_GEN, _RECO = (-4.0, *_INNER, 4.0), (-5.0, -3.0, *_INNER, 3.0, 5.0)
_BINS, _NONE = Bins(gen_edges=(_GEN,), reco_edges=(_RECO,)), Errors(covariance="none")
_METHODS: dict[str, UnfoldingMethod] = {
    "inversion": Inversion(_BINS, errors=_NONE),
    "ibu 4": Ibu(_BINS, 4, _NONE),
    "ibu 50": Ibu(_BINS, 50, _NONE),
}
_MC, _N, _TOYS = 20_000, 10_000, 100


@pytest.mark.parametrize("name", _METHODS)
def test_yields_of_bins(benchmark: BenchmarkFixture, name: str) -> None:
    ends = list(pairwise(_EDGES))
    quantities = {f"{low:g}..{high:g}": Yield(low, high) for low, high in ends}
    shares = np.diff(stats.norm.cdf(_EDGES, _TOY.shift, _TOY.width))
    truth = dict(zip(quantities, _N * shares, strict=True))
    settings = {"n": (_MC, _N), "uncertainties": Uncertainties(data=25, mc=25, ensemble=0)}
    before = time.process_time()
    found = benchmark.pedantic(coverage, (_METHODS[name], _TOY, _TOYS, quantities, truth), settings, rounds=1)
    benchmark.extra_info["cpu_s"] = time.process_time() - before
    benchmark.extra_info["coverage"] = dict(zip(found.names, found.covered.tolist(), strict=True))
    benchmark.extra_info["pull_mean"] = dict(zip(found.names, found.pulls.mean(axis=0).tolist(), strict=True))
    benchmark.extra_info["pull_width"] = dict(zip(found.names, found.pulls.std(axis=0).tolist(), strict=True))


def test_poor_resolution(benchmark: BenchmarkFixture) -> None:
    toy = GaussianToy(smear=3.0, shift=0.2, width=0.9, misses=0.2, fakes=0.1)
    method = Aussie(RatioSettings(hidden=()), NetworkSettings(hidden=()))
    quantities = {"mean": Mean(), "sd": Spread(), "yield": Yield()}
    truth = {"mean": toy.shift, "sd": toy.width, "yield": float(_N)}
    settings = {"n": (_N, _N), "uncertainties": Uncertainties(data=15, mc=15, ensemble=0)}
    found = benchmark.pedantic(coverage, (method, toy, _TOYS, quantities, truth), settings, rounds=1)
    covered = dict(zip(found.names, found.covered.tolist(), strict=True))
    benchmark.extra_info["coverage"] = covered
    # what is asked for, and one standard deviation of 100 toys
    assert all(abs(share - 0.68) <= 0.05 + 0.047 for share in covered.values()), covered
