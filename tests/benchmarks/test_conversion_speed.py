"""From the shipped network to each kind of answer about its firmware, in seconds. Not part of pass or fail in CI.

Run with: pytest tests/benchmarks/test_conversion_speed.py --benchmark-only
"""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.conversion import ConversionConfig, hls_project, rtl_project
from l1ml.conversion.yosys import synthesise_with_yosys
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.c_simulation import CSimulation
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.emulation.stimuli import random_words
from l1ml.model import TriggerModel

AXO = Path(__file__).parents[2] / "models" / "axo"
N_WORDS = 2000


def _exact_c_simulation(folder: Path) -> None:
    model = TriggerModel.load(AXO)
    _require_equal(model, CSimulation(hls_project(model, ConversionConfig()).write(folder)).predict)


def _exact_rtl_simulation(folder: Path) -> None:
    model = TriggerModel.load(AXO)
    _require_equal(model, RtlSimulation(rtl_project(model, ConversionConfig()).write(folder)).predict)


def _yosys_count(folder: Path) -> None:
    assert synthesise_with_yosys(rtl_project(TriggerModel.load(AXO), ConversionConfig()).write(folder)).lut


def _require_equal(model: TriggerModel, predict: Callable[..., np.ndarray]) -> None:
    words = random_words(model.input_formats, N_WORDS, np.random.default_rng(1))
    np.testing.assert_array_equal(predict(words), IntegerEmulator(model.network).predict(words))


def _cpu_s() -> float:
    """Processor time of this process and of all finished children: what a machine shared with others cannot change."""
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(item.ru_utime + item.ru_stime for item in usage)


@pytest.mark.parametrize(
    ("work", "limit_s"),
    [(_exact_c_simulation, 30.0), (_exact_rtl_simulation, 90.0), (_yosys_count, 300.0)],
    ids=["exact_c_simulation", "exact_rtl_simulation", "yosys_count"],
)
def test_from_the_network_to(benchmark: BenchmarkFixture, tmp_path: Path, work: Callable[[Path], None], limit_s: float) -> None:
    before = _cpu_s()
    benchmark.pedantic(work, (tmp_path,), rounds=1)
    benchmark.extra_info.update({"limit_s": limit_s, "cpu_s": _cpu_s() - before, "within": benchmark.stats.stats.max <= limit_s})
