"""Layers on tensors with positions through all four emulators, word for word; many in one project, so that each compiles once.

In C simulation also in the streams of every back end.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import projects
import pytest
from layer_zoo import GROUPS, IMAGE, LAYERS, ROWS, formats, model_of

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, hls_project, rtl, rtl_project
from l1ml.conversion.cpp import cpp_project
from l1ml.conversion.hls_backends import HLS_BACKENDS
from l1ml.emulation import Emulator, IntegerEmulator
from l1ml.emulation.c_simulation import CSimulation
from l1ml.emulation.cpp_emulator import CppEmulator
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.emulation.stimuli import random_words
from l1ml.model import TriggerModel

require("keras")
require("alkaid")
CONFIG = ConversionConfig()
STREAMS = {name: projects.hls_config(name, "io_stream") for name in HLS_BACKENDS}
ARRAYS = {name: projects.hls_config(name, "io_parallel") for name in HLS_BACKENDS}
SAMPLES = {
    "rows": ("conv1d_same_strided", "max_pooling1d_same", "argmax", "sets"),
    "image": ("conv2d_same_strided", "depthwise", "q_average_activation", "max_pooling2d_same"),
}
ALL = {
    f"{group}_{label}": names
    for group, layers in GROUPS.items()
    for label, shape in (("rows", ROWS), ("image", IMAGE))
    if (names := tuple(name for name, layer in layers.items() if layer[0] == shape))
}


@cache
def root() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="l1ml-layers-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def trigger_model(name: str) -> TriggerModel:
    names = (SAMPLES | ALL)[name]
    return projects.trigger_model(model_of(*names), name, formats(LAYERS[names[0]][0]))


def check(emulator: Emulator, name: str, n: int, rng: np.random.Generator) -> None:
    model = trigger_model(name)
    words = random_words(model.input_formats, n, rng)
    expected = IntegerEmulator(model.network).predict(words)
    np.testing.assert_array_equal(emulator.predict(words), expected)
    assert (np.ptp(expected, axis=0) > 0).mean() > 0.8


@pytest.mark.parametrize("name", SAMPLES)
def test_keras(name: str, rng: np.random.Generator) -> None:
    check(KerasEmulator(trigger_model(name)), name, 8000, rng)


@pytest.mark.parametrize("name", SAMPLES)
def test_c_simulation(name: str, rng: np.random.Generator) -> None:
    check(CSimulation(hls_project(trigger_model(name), CONFIG).write(root())), name, 5000, rng)


@pytest.mark.parametrize("backend", ["vitis", "catapult", "oneapi", "libero"])
def test_streams(backend: str, rng: np.random.Generator, capfd: pytest.CaptureFixture[str]) -> None:
    check(CSimulation(hls_project(trigger_model("rows"), STREAMS[backend]).write(root() / "streams")), "rows", 2000, rng)
    assert projects.HANGING not in capfd.readouterr().out


def test_rtl_simulation(rng: np.random.Generator) -> None:
    check(RtlSimulation(rtl_project(trigger_model("rows"), CONFIG).write(root())), "rows", 5000, rng)


@pytest.mark.parametrize("name", ALL)
def test_the_program_of_alkaid_for_all_layers(name: str, rng: np.random.Generator) -> None:
    model = trigger_model(name)
    words = random_words(model.input_formats, 1000, rng)
    expected = model.output_format.from_words(IntegerEmulator(model.network).predict(words))
    np.testing.assert_array_equal(rtl._trace(model.network, CONFIG).predict(words.astype(np.float64)), expected)


@pytest.mark.parametrize("name", ALL)
def test_all_layers_in_cpp(name: str, rng: np.random.Generator) -> None:
    check(CppEmulator(cpp_project(trigger_model(name)).write(root()), options=("-O1",)), name, 5000, rng)


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_all_layers_in_c_simulation(name: str, rng: np.random.Generator) -> None:
    check(CSimulation(hls_project(trigger_model(name), CONFIG).write(root())), name, 5000, rng)


@pytest.mark.slow
@pytest.mark.parametrize("backend", STREAMS)
@pytest.mark.parametrize("name", ALL)
def test_all_layers_in_streams(name: str, backend: str, rng: np.random.Generator, capfd: pytest.CaptureFixture[str]) -> None:
    check(CSimulation(hls_project(trigger_model(name), STREAMS[backend]).write(root() / "streams")), name, 2000, rng)
    assert projects.HANGING not in capfd.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["vivado", "catapult", "oneapi", "libero"])
@pytest.mark.parametrize("name", SAMPLES)
def test_arrays_of_other_back_ends(name: str, backend: str, rng: np.random.Generator) -> None:
    check(CSimulation(hls_project(trigger_model(name), ARRAYS[backend]).write(root() / "arrays")), name, 2000, rng)


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_all_layers_in_rtl_simulation(name: str, rng: np.random.Generator) -> None:
    check(RtlSimulation(rtl_project(trigger_model(name), CONFIG).write(root())), name, 5000, rng)
