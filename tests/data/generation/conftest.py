from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from l1ml.data import Events, read_events
from l1ml.data.generation import PROCESSES, GenerationConfig, ProcessRecord, generate
from l1ml.data.generation.level1.response import MuonCandidates, TowerDeposits
from l1ml.data.generation.pool import CollisionPool
from l1ml.data.generation.truth import TRUTH_NAMES

SMALL = GenerationConfig(seed=3, scale=0.02)


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of one small but real sample, made once."""
    return tmp_path_factory.mktemp("events with blanks in the path")


@pytest.fixture(scope="session")
def records(sample_folder: Path) -> list[ProcessRecord]:
    return generate(SMALL, sample_folder, workers=2)


@pytest.fixture(scope="session")
def sample(records: list[ProcessRecord]) -> dict[str, Events]:
    assert [record.process for record in records] == list(PROCESSES)
    return {record.process: read_events(record.path) for record in records}


def toy_pool(n: int, rng: np.random.Generator, towers_each: int = 40) -> CollisionPool:
    """Collisions with random towers and a muon candidate each."""
    total = n * towers_each
    deposits = TowerDeposits(
        np.full(n, towers_each),
        rng.integers(0, 114 * 72, total).astype(np.uint16),
        rng.integers(0, 4000, total).astype(np.int32),
        rng.integers(0, 4000, total).astype(np.int32),
    )
    kinematics = [rng.uniform(*limits, n).astype(np.float32) for limits in ((4, 40), (-2.3, 2.3), (-3.1, 3.1))]
    ones, charge = np.ones(n, np.float32), np.where(np.arange(n) % 2, 1, -1).astype(np.int8)
    muons = MuonCandidates(np.ones(n, np.int64), *kinematics, ones, ones, charge)
    truth = {name: rng.random(n).astype(np.float32) for name in TRUTH_NAMES}
    return CollisionPool(rng.uniform(15, 200, n), np.ones(n), deposits, muons, truth)


@pytest.fixture
def pool(rng: np.random.Generator) -> CollisionPool:
    return toy_pool(30, rng)
