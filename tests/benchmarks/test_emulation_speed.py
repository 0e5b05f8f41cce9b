"""Speed of the numpy emulator as a ratio against its peers, in one run. Not part of pass or fail in CI.

Run with: pytest tests/benchmarks --benchmark-only
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.emulation import IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.model import TriggerModel

AXO = Path(__file__).parents[2] / "models" / "axo"


@pytest.fixture(scope="module")
def model() -> TriggerModel:
    return TriggerModel.load(AXO)


def test_integers_against_keras(benchmark: BenchmarkFixture, model: TriggerModel) -> None:
    from l1ml.emulation.keras import KerasEmulator

    integers, keras = IntegerEmulator(model.network), KerasEmulator(model)
    words = random_words(model.input_formats, 200_000, np.random.default_rng(1))
    keras.predict(words)
    start = perf_counter()
    keras.predict(words)
    peer = perf_counter() - start
    benchmark(integers.predict, words)
    benchmark.extra_info["crossings_per_s"] = len(words) / benchmark.stats.stats.median
    benchmark.extra_info["ratio_to_keras"] = peer / benchmark.stats.stats.median
