"""Zero-bias crossings a second of the overlay, one core, at a pileup of 60; at least 2,000 are asked for.

Run with: pytest tests/benchmarks/test_generation_speed.py --benchmark-only
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml._optional import require
from l1ml.data.generation import GenerationConfig
from l1ml.data.generation.level1.tower_response import FittedTowers, ring_means
from l1ml.data.generation.overlay import Overlay
from l1ml.data.generation.plan import CrossingPlan, Pools, compose, load_pools, plan_crossings
from l1ml.data.generation.pools import pool_jobs
from l1ml.data.jobs.workers import Workers
from l1ml.progress import SILENT

CONFIG = GenerationConfig(seed=1, scale=0.05, signals=())
_CROSSINGS = 4000


@pytest.fixture(scope="module")
def pools(tmp_path_factory: pytest.TempPathFactory) -> Pools:
    require("pythia8mc")
    jobs = pool_jobs(CONFIG, Path(tmp_path_factory.mktemp("pools")))
    with Workers(1) as crew:
        jobs.make(crew, ("zero_bias",), SILENT)
    return load_pools(jobs.files("zero_bias"), CONFIG.profile)


@pytest.mark.parametrize("towers", ["plain", "fitted"])
@pytest.mark.parametrize("objects", ["axol1tl", "global_trigger"])
def test_overlay_speed(benchmark: BenchmarkFixture, pools: Pools, objects: str, towers: str) -> None:
    whole = plan_crossings(pools, replace(CONFIG, scale=1.0))
    rows = np.linspace(0, len(whole) - 1, _CROSSINGS).astype(np.int64)
    plan = CrossingPlan(whole.primary[rows], whole.hard_mean[rows], whole.weight[rows])
    fitted = None if towers == "plain" else FittedTowers(ring_means(pools.pool, pools.n_soft, CONFIG.pileup))
    overlay = Overlay(pools.pool, objects, fitted)

    def run() -> int:
        rng = np.random.default_rng(1)
        return sum(len(piece["jet"]["hw_pt"]) for piece in overlay.objects(compose(plan, pools, rng), rng))

    assert benchmark.pedantic(run, rounds=3, warmup_rounds=1) == _CROSSINGS
    benchmark.extra_info["crossings_per_second"] = _CROSSINGS / benchmark.stats.stats.min
