"""Crossings per second and core of the exported C++, through its C interface, as a ratio against numpy in one run.

Run with: pytest tests/benchmarks --benchmark-only
"""

from __future__ import annotations

import timeit
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.conversion.cpp import cpp_project
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.cpp_emulator import CppEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.model import TriggerModel

AXO = Path(__file__).parents[2] / "models" / "axo"
OPTIONS = [("-O2",), ("-O3",), ("-O3", "-march=native")]
REQUIRED_PER_S = 1e6


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_many_crossings_at_once(benchmark: BenchmarkFixture, tmp_path: Path, options: tuple[str, ...]) -> None:
    model = TriggerModel.load(AXO)
    emulator = CppEmulator(cpp_project(model).write(tmp_path), options=options, n_threads=1)
    # short enough for the best of many to be one that nothing interrupted
    words = random_words(model.input_formats, 16_384, np.random.default_rng(1))
    integers = IntegerEmulator(model.network)
    expected = integers.predict(words)
    seconds = min(timeit.repeat(lambda: integers.predict(words), number=1, repeat=30))
    np.testing.assert_array_equal(benchmark(emulator.predict, words), expected)
    best = benchmark.stats.stats.min
    benchmark.extra_info.update({"crossings_per_s": len(words) / best, "times_faster_than_numpy": seconds / best})
    assert len(words) / best > REQUIRED_PER_S


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_one_crossing_in_a_call(benchmark: BenchmarkFixture, tmp_path: Path, options: tuple[str, ...]) -> None:
    """What a framework pays that asks event by event; a call through ctypes is about half of it."""
    model = TriggerModel.load(AXO)
    table = CppEmulator(cpp_project(model).write(tmp_path), options=options)._table
    network = table.create()
    words, score = model.golden.inputs[:1].copy(), np.zeros(1, np.int64)
    assert benchmark(table.predict, network, words.ctypes.data, 1, score.ctypes.data, None) == 0
    table.destroy(network)
    assert score[0] == model.golden.scores[0]
    benchmark.extra_info["microseconds"] = benchmark.stats.stats.min * 1e6
