"""Jets and pairs a second on one core, and how much of that is not Pythia.

Run with: pytest tests/benchmarks/test_jet_generation_speed.py --benchmark-only
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from jets_toy import toy_constituents, toy_jets
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.data import file_info
from l1ml.data.generation.jet_samples.class_jet_jobs import ClassJets
from l1ml.data.generation.jet_samples.class_jets import CLASSES, ClassJetsConfig
from l1ml.data.generation.jet_samples.jet_clusters import soft_drop
from l1ml.data.generation.jet_samples.jet_features import correlation_ratios
from l1ml.data.generation.jet_samples.jet_job import JetJob
from l1ml.data.generation.jet_samples.jet_pair_jobs import JetPairs
from l1ml.data.generation.jet_samples.jet_pair_recipe import VARIANTS, JetPairsConfig

_PAIRS = {"monash": 200, "a14": 200, "vincia": 20}


def ignored() -> None:
    """Nobody wants to stop."""


def tell(benchmark: BenchmarkFixture, path: Path, n: int) -> None:
    """Rates of a job, its start included."""
    seconds = benchmark.stats.stats.min
    benchmark.extra_info["rows_per_s"] = n / seconds
    benchmark.extra_info["collisions_per_s"] = file_info(path)["provenance"]["generated"] / seconds


@pytest.mark.parametrize("name", CLASSES)
def test_jets_of_a_class(benchmark: BenchmarkFixture, tmp_path: Path, name: str) -> None:
    job = JetJob(ClassJets(ClassJetsConfig(jets=200), name), 0, 200, tmp_path)
    benchmark.pedantic(job.run, (ignored,), rounds=1)
    tell(benchmark, job.path, job.n)


@pytest.mark.parametrize("variant", VARIANTS)
def test_pairs_of_a_variant(benchmark: BenchmarkFixture, tmp_path: Path, variant: str) -> None:
    n = _PAIRS[variant]
    job = JetJob(JetPairs(JetPairsConfig(pairs=n, variant=variant)), 0, n, tmp_path)
    benchmark.pedantic(job.run, (ignored,), rounds=1)
    tell(benchmark, job.path, job.n)


@pytest.mark.parametrize("n", [30, 60, 120])
def test_correlation_ratios_of_a_jet(benchmark: BenchmarkFixture, rng: np.random.Generator, n: int) -> None:
    benchmark(correlation_ratios, toy_constituents(n, rng))


def test_soft_drop_of_a_jet(benchmark: BenchmarkFixture, rng: np.random.Generator) -> None:
    jets = toy_jets([90] * 100, rng)
    benchmark.pedantic(soft_drop, (jets,), rounds=3)
    benchmark.extra_info["seconds_per_jet"] = benchmark.stats.stats.min / len(jets)
