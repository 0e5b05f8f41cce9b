"""Crossings a second of `l1ml menu rates` with the menu of 2024 on files, by one and two workers, from file to rates.

`crossings_per_s` counts the time on the clock, with the start of the workers; `per_core` the processor time of the partitions.
Run with: pytest tests/benchmarks/test_partition_speed.py --benchmark-only
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from toy import toy_events

from l1ml.data import EventWriter
from l1ml.trigger.menus.menu_source import MenuSource
from l1ml.trigger.partitions.rate_question import RateQuestion
from l1ml.trigger.partitions.rate_run import rates_of_files

_MENU = "L1Menu_Collisions2024_v1_3_0-d1"
_ORBITS, _EVENTS, _PARTITION = 32, 100_000, 1 << 14


def question_of(real_data: Path) -> RateQuestion:
    folder = real_data / "ugt" / _MENU
    return RateQuestion.of(MenuSource(folder / f"{_MENU}.html.gz", (folder / "prescales.csv",), ("2p0E34",)))


def vectors(folder: Path, real_data: Path) -> Path:
    """Orbits recorded in 2024, repeated."""
    recorded = real_data / "ugt" / _MENU / "L1menu_2024_v1_3_0_data_TestVector_000.txt.gz"
    path = folder / "orbits_2024.txt"
    path.write_bytes(gzip.decompress(recorded.read_bytes()) * _ORBITS)
    return path


def events(folder: Path, real_data: Path) -> Path:
    """Synthetic crossings with more and harder objects than zero bias."""
    sample = toy_events(_EVENTS, np.random.default_rng(20261123))
    path = folder / "events.h5"
    with EventWriter(path, sample.schema, process="toy", provenance={}) as writer:
        writer.append(sample)
    return path


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("make", [vectors, events])
def test_rates_from_files(benchmark: BenchmarkFixture, real_data: Path, tmp_path: Path, make, workers: int) -> None:
    question, path = question_of(real_data), make(tmp_path, real_data)
    answer = benchmark.pedantic(
        rates_of_files, (question, [path], tmp_path / "parts"), {"workers": workers, "crossings": _PARTITION}, rounds=1
    )
    benchmark.extra_info["crossings_per_s"] = answer.cost.crossings / benchmark.stats.stats.min
    benchmark.extra_info["per_core"] = answer.cost.per_core_second
    benchmark.extra_info["day_core_hours"] = answer.cost.core_hours()
    assert answer.is_complete
