"""Speed of the numpy emulator as a ratio against its peers, in one run. Not part of pass or fail in CI.

Run with: pytest tests/benchmarks --benchmark-only
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.conversion import ConversionConfig
from l1ml.conversion.rtl import _trace
from l1ml.emulation import Emulator, IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.model import Network, TriggerModel
from l1ml.model.operations import Dense

AXO = Path(__file__).parents[2] / "models" / "axo"


def _keras(model: TriggerModel, _folder: Path) -> Emulator:
    from l1ml.emulation.keras import KerasEmulator

    return KerasEmulator(model)


def _c_simulation(model: TriggerModel, folder: Path) -> Emulator:
    from l1ml.conversion import hls_project
    from l1ml.emulation.c_simulation import CSimulation

    return CSimulation(hls_project(model, ConversionConfig()).write(folder))


def _rtl_simulation(model: TriggerModel, folder: Path) -> Emulator:
    from l1ml.conversion import rtl_project
    from l1ml.emulation.rtl_simulation import RtlSimulation

    return RtlSimulation(rtl_project(model, ConversionConfig()).write(folder))


_PEERS = [(_keras, 200_000, 1), (_c_simulation, 50_000, 50), (_rtl_simulation, 200_000, 1)]


@pytest.mark.parametrize(("peer", "n", "ratio"), _PEERS)
def test_integers_against(
    benchmark: BenchmarkFixture, tmp_path: Path, peer: Callable[[TriggerModel, Path], Emulator], n: int, ratio: int
) -> None:
    """One thread of the integers against the peer with all cores."""
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
    assert seconds / benchmark.stats.stats.min >= ratio


def _unpruned(network: Network) -> Network:
    """The same layers with a weight of 6 bits everywhere: most of the shipped ones are zero, which alkaid leaves out."""
    rng = np.random.default_rng(1)
    layers = [
        replace(item, kernel=rng.integers(-32, 32, item.kernel.shape))
        if isinstance(item, Dense) and item.kernel.shape[1] > 1
        else item
        for item in network.operations
    ]
    return Network(network.input_formats, layers)


@pytest.mark.parametrize(("change", "ratio"), [(_unpruned, 10), (lambda network: network, 1)], ids=["unpruned", "shipped"])
def test_integers_against_alkaid(benchmark: BenchmarkFixture, change: Callable[[Network], Network], ratio: int) -> None:
    """One thread against one thread of the interpreter of alkaid's program, which its RTL is made from."""
    network, n = change(TriggerModel.load(AXO).network), 100_000
    words = random_words(tuple(network.input_formats), n, np.random.default_rng(1))
    logic, values, seconds = _trace(network, ConversionConfig()), words.astype(np.float64), []
    for _ in range(5):
        start = perf_counter()
        expected = logic.predict(values, n_threads=1)
        seconds.append(perf_counter() - start)
    scores = benchmark(IntegerEmulator(network).predict, words)
    np.testing.assert_array_equal(scores, network.output_format.to_words(expected)[:, 0])
    best = benchmark.stats.stats.min
    benchmark.extra_info.update({"crossings_per_s": n / best, "times_faster_than_peer": min(seconds) / best})
    assert min(seconds) / best >= ratio


@pytest.mark.parametrize("threads", [1, 2])
def test_crossings_per_second(benchmark: BenchmarkFixture, threads: int) -> None:
    model = TriggerModel.load(AXO)
    integers = IntegerEmulator(model.network, threads)
    words = random_words(model.input_formats, 500_000, np.random.default_rng(1))
    benchmark(integers.predict, words)
    benchmark.extra_info.update({"threads": threads, "crossings_per_s": len(words) / benchmark.stats.stats.min})
