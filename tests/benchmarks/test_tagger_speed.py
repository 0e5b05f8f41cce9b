"""A Deep Sets tagger of 16 constituents: jets per second in numpy, and how long exact C and RTL simulations take to make.

Run with: pytest tests/benchmarks --benchmark-only
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, hls_project, rtl_project
from l1ml.emulation import Emulator, IntegerEmulator
from l1ml.emulation.c_simulation import CSimulation
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.emulation.stimuli import random_words
from l1ml.hardware import FixedPoint
from l1ml.model import TriggerModel

FORMATS = (FixedPoint(8, 8),) * 48


@cache
def tagger() -> TriggerModel:
    """16 x 3 words -> 32 -> 32 at every constituent, their sum -> 32 -> 5 classes -> the place of the largest; nothing pruned."""
    keras, qkeras = require("keras"), require("qkeras")
    keras.utils.set_random_seed(1)

    def dense(units: int, name: str, **options: Any) -> Any:
        weights = {"kernel_quantizer": projects.bits(6, 0), "bias_quantizer": projects.bits(6, 0)}
        return qkeras.QDense(units, name=name, **weights, **options)

    def relu(integer: int) -> Any:
        return qkeras.quantized_relu(8, integer)

    inputs = keras.Input((16, 3))
    x = qkeras.QActivation(projects.bits(8, 2), name="grid")(keras.layers.Rescaling(2.0**-5, name="shift")(inputs))
    x = dense(32, "phi_2", activation=relu(2))(dense(32, "phi_1", activation=relu(2))(x))
    x = qkeras.QActivation(relu(5), name="latent")(keras.ops.sum(x, axis=1))
    x = dense(5, "logits")(dense(32, "rho", activation=relu(4))(x))
    return projects.trigger_model(keras.Model(inputs, keras.ops.argmax(x, axis=-1, keepdims=True)), "tagger", FORMATS)


def test_jets_per_second_of_the_integers(benchmark: BenchmarkFixture) -> None:
    emulator = IntegerEmulator(tagger().network)
    words = random_words(FORMATS, 100_000, np.random.default_rng(1))
    scores = benchmark(emulator.predict, words)
    assert set(np.unique(scores)) <= set(range(5))
    benchmark.extra_info["jets_per_s"] = len(words) / benchmark.stats.stats.median


def _c_simulation(model: TriggerModel, folder: Path) -> Emulator:
    return CSimulation(hls_project(model, ConversionConfig()).write(folder))


def _stream_simulation(model: TriggerModel, folder: Path) -> Emulator:
    return CSimulation(hls_project(model, ConversionConfig(io_type="io_stream")).write(folder))


def _rtl_simulation(model: TriggerModel, folder: Path) -> Emulator:
    return RtlSimulation(rtl_project(model, ConversionConfig()).write(folder))


@pytest.mark.parametrize("make", [_c_simulation, _stream_simulation, _rtl_simulation])
def test_from_the_model_to_exact_simulation(
    benchmark: BenchmarkFixture, tmp_path: Path, make: Callable[[TriggerModel, Path], Emulator]
) -> None:
    model = tagger()
    emulator = benchmark.pedantic(make, args=(model, tmp_path), rounds=1)
    words = random_words(FORMATS, 2000, np.random.default_rng(2))
    np.testing.assert_array_equal(emulator.predict(words), IntegerEmulator(model.network).predict(words))
