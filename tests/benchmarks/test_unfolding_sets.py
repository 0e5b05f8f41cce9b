"""OmniFold on sets of two objects whose correlation alone differs, beside columns that cannot see it.

Run with: pytest tests/benchmarks/test_unfolding_sets.py --benchmark-only. CPU seconds stand beside the wall time.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from angle_pairs import AnglePairs, mean_cosine
from pytest_benchmark.fixture import BenchmarkFixture

from offline.unfolding.omnifold import OmniFold

_PAIRS = 50_000


@pytest.mark.parametrize("sets", [True, False])
def test_a_correlation_of_two_objects(benchmark: BenchmarkFixture, sets: bool) -> None:
    """Seed 1, three iterations of the defaults; the statistics of data and simulation each move the mean cosine by 0.003."""
    toy, rng = AnglePairs(), np.random.default_rng(1)
    mc, data = toy.sample(_PAIRS, rng, nature=False), toy.sample(_PAIRS, rng, nature=True).measured()
    seen = (mc, data) if sets else (mc.columns_only(), data.columns_only())
    before = time.process_time()
    unfolded = benchmark.pedantic(OmniFold(iterations=3).fit, seen, rounds=1)
    found, expected = mean_cosine(mc, unfolded), toy.correlation(3)
    benchmark.extra_info |= {
        "cpu_s": time.process_time() - before,
        "found": found.tolist(),
        "expected": expected.tolist(),
        "in_nature": toy.strength / 2,
    }
    np.testing.assert_allclose(found, expected if sets else 0.0, atol=0.02)
