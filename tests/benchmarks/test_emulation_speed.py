"""Speed of the numpy emulator as a ratio against its peers, in one run. Not part of pass or fail in CI.

Run with: pytest tests/benchmarks --benchmark-only
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.emulation import Emulator, IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.model import TriggerModel

AXO = Path(__file__).parents[2] / "models" / "axo"


def _keras(model: TriggerModel, _folder: Path) -> Emulator:
    from l1ml.emulation.keras import KerasEmulator

    return KerasEmulator(model)


def _c_simulation(model: TriggerModel, folder: Path) -> Emulator:
    from l1ml.conversion import ConversionConfig, hls_project
    from l1ml.emulation.c_simulation import CSimulation

    return CSimulation(hls_project(model, ConversionConfig()).write(folder))


def _rtl_simulation(model: TriggerModel, folder: Path) -> Emulator:
    from l1ml.conversion import ConversionConfig, rtl_project
    from l1ml.emulation.rtl_simulation import RtlSimulation

    return RtlSimulation(rtl_project(model, ConversionConfig()).write(folder))


@pytest.mark.parametrize(("peer", "n"), [(_keras, 200_000), (_c_simulation, 50_000), (_rtl_simulation, 200_000)])
def test_integers_against(
    benchmark: BenchmarkFixture, tmp_path: Path, peer: Callable[[TriggerModel, Path], Emulator], n: int
) -> None:
    model = TriggerModel.load(AXO)
    integers, other = IntegerEmulator(model.network), peer(model, tmp_path)
    words = random_words(model.input_formats, n, np.random.default_rng(1))
    other.predict(words[:1000])
    start = perf_counter()
    expected = other.predict(words)
    seconds = perf_counter() - start
    scores = benchmark(integers.predict, words)
    np.testing.assert_array_equal(scores, expected)
    median = benchmark.stats.stats.median
    benchmark.extra_info.update({"crossings_per_s": n / median, "peer": other.name, "times_faster_than_peer": seconds / median})
