"""What intervals of binned methods cover, and why: 400 toys drawn as histograms, each effect by itself.

Gaussian toy with 20 % misses and 10 % fakes, 10^4 true events, simulations of 20,000, seed 1; 12 bins at generation, of which the
yields of five groups are looked at, 14 at reconstruction; 25 + 25 bootstraps. Found: mean coverage of the five, +- 0.011, and the
largest bias in units of the scatter of the estimates. 36 s of processor time all together.

=====  ============================  =====  ====
smear  method                        share  bias
=====  ============================  =====  ====
0.25   inversion                     0.665   0.3
0.25   IBU, 4 iterations             0.666   0.2
0.25   the same, truth simulated     0.696   0.0
0.25   SVD, k = 6                    0.646   0.7
0.25   SVD, k by the data            0.574   0.8
1      IBU, 1 iteration              0.129  12
1      IBU, 4 iterations             0.247   3.0
1      IBU, 20 iterations            0.681   0.2
1      SVD, k = 6                    0.714   0.2
1      SVD, k by the data            0.822   0.3
=====  ============================  =====  ====

Where nothing but statistics is left the intervals cover. Inversion and enough iterations lack 0.02: within a bin the truth is the
simulated one. Stopping early biases towards the simulation, of which replicas know nothing. SVD with a k that the data choose
jumps between 3 and 13 from toy to toy; replicas choose, too, and tell how far the result jumps, not how far off it is. With the
choice of the toy kept in its replicas 0.43 and 0.33 are covered.

Run with: pytest tests/benchmarks/test_unfolding_coverage_in_bins.py --benchmark-only
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture
from scipy import stats

from offline.unfolding import GaussianToy
from offline.unfolding.classical import Bins, Errors, Ibu, Inversion, Svd
from offline.unfolding.classical.binned import BinnedMethod
from offline.unfolding.classical.response import Histogram, ResponseMatrix
from offline.unfolding.diagnostics.coverage import Coverage
from offline.unfolding.sample import FloatArray

_INNER = np.linspace(-2.5, 2.5, 11)
_GEN, _RECO = np.array([-np.inf, *_INNER, np.inf]), np.array([-np.inf, -3.0, *_INNER, 3.0, np.inf])
_GROUPS = np.repeat(np.eye(5), [3, 2, 2, 2, 3], axis=1)
_BINS = Bins(gen_edges=((-4.0, *_INNER.tolist(), 4.0),), reco_edges=((-5.0, -3.0, *_INNER.tolist(), 3.0, 5.0),))
_NONE = Errors(covariance="none")
_MC, _N, _TOYS, _REPLICAS = 20_000, 10_000, 400, 25
_NODES = 200


@dataclass(frozen=True)
class _Case:
    """A method at a resolution; `alike`: the simulated truth is that of nature."""

    smear: float
    method: BinnedMethod
    alike: bool = False


_CASES = {
    "inversion": _Case(0.25, Inversion(_BINS, errors=_NONE)),
    "ibu 4": _Case(0.25, Ibu(_BINS, 4, _NONE)),
    "ibu 4, simulation as nature": _Case(0.25, Ibu(_BINS, 4, _NONE), alike=True),
    "svd, k = 6": _Case(0.25, Svd(_BINS, 6, errors=_NONE)),
    "svd, k by the data": _Case(0.25, Svd(_BINS, errors=_NONE)),
    "ibu 1, smear 1": _Case(1.0, Ibu(_BINS, 1, _NONE)),
    "ibu 4, smear 1": _Case(1.0, Ibu(_BINS, 4, _NONE)),
    "ibu 20, smear 1": _Case(1.0, Ibu(_BINS, 20, _NONE)),
    "svd, k = 6, smear 1": _Case(1.0, Svd(_BINS, 6, errors=_NONE)),
    "svd, k by the data, smear 1": _Case(1.0, Svd(_BINS, errors=_NONE)),
}


def _shares(toy: GaussianToy, mean: float, width: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Expected events for one true event: in both levels, shape (reco, gen), missed (gen,), fakes (reco,); by integration."""
    ends = np.clip(_GEN, -9.0, 9.0)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    half, centre = np.diff(ends)[:, None] / 2, (ends[1:] + ends[:-1])[:, None] / 2
    z = half * nodes + centre
    density = half * weights * stats.norm.pdf(z, mean, width)
    both = np.einsum("jik,ik->ji", np.diff(stats.norm.cdf((_RECO[:, None, None] - z) / toy.smear), axis=0), density)
    fakes = np.diff(stats.norm.cdf(_RECO, 0.0, np.hypot(1.0, toy.smear)))
    seen = 1 - toy.misses
    return both * seen, density.sum(axis=1) * toy.misses, fakes * seen * toy.fakes / (1 - toy.fakes)


def _simulated(parts: tuple[FloatArray, FloatArray, FloatArray]) -> ResponseMatrix:
    """Histograms of a simulation with unit weights."""
    both, missed, fakes = (part.astype(np.float64) for part in parts)
    return ResponseMatrix(both, both, missed, missed, fakes, fakes, (len(missed),))


def _bootstrapped(counts: NDArray[np.int64], rng: np.random.Generator) -> Histogram:
    """Events counted Poisson numbers of times; the variance is the sum of the squares of those, as expected for their sum."""
    drawn = rng.poisson(counts).astype(np.float64)
    return Histogram(drawn, drawn + np.square(drawn) / np.maximum(counts, 1))


def _covered(case: _Case) -> Coverage:
    """All toys of a case."""
    toy, rng = GaussianToy(smear=case.smear, shift=0.2, width=0.9, misses=0.2, fakes=0.1), np.random.default_rng(1)
    nature = _shares(toy, toy.shift, toy.width)
    simulation = nature if case.alike else _shares(toy, 0.0, 1.0)
    measured = _N * (nature[0].sum(axis=1) + nature[2])

    def yields(response: ResponseMatrix, data: Histogram) -> FloatArray:
        return np.asarray(_GROUPS @ case.method.solve(response, data).stages[-1])

    estimates, errors = np.empty((2, _TOYS, 5))
    for index in range(_TOYS):
        response, counts = _simulated(tuple(rng.poisson(_MC * part) for part in simulation)), rng.poisson(measured)
        data = Histogram(counts.astype(np.float64), counts.astype(np.float64))
        estimates[index] = yields(response, data)
        by_data = [yields(response, _bootstrapped(counts, rng)) for _ in range(_REPLICAS)]
        by_mc = [yields(response.varied(rng), data) for _ in range(_REPLICAS)]
        errors[index] = np.sqrt(np.var(by_data, axis=0, ddof=1) + np.var(by_mc, axis=0, ddof=1))
    truth = _N * (_GROUPS @ (nature[0].sum(axis=0) + nature[1]))
    return Coverage(tuple("abcde"), truth, estimates, errors)


@pytest.mark.parametrize("name", _CASES)
def test_each_effect(benchmark: BenchmarkFixture, name: str) -> None:
    before = time.process_time()
    found = benchmark.pedantic(_covered, (_CASES[name],), rounds=1)
    mean = float(found.covered.mean())
    spread = found.estimates.std(axis=0)
    benchmark.extra_info |= {
        "cpu_s": time.process_time() - before,
        "mean": mean,
        "mean_error": float((np.abs(found.pulls) <= 1).mean(axis=1).std() / np.sqrt(_TOYS)),
        "coverage": found.covered.tolist(),
        "bias": ((found.estimates.mean(axis=0) - found.truth) / spread).tolist(),
        "scatter_by_error": (spread / np.sqrt(np.square(found.errors).mean(axis=0))).tolist(),
    }
    if _CASES[name].alike:
        assert mean == pytest.approx(0.68, abs=0.03)
