"""The C++ of every HLS back end, in arrays and in streams, word for word; more networks with ``-m slow``."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import projects
import pytest

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, hls_project
from l1ml.conversion.config import LayerChoice
from l1ml.conversion.hls_backends import HLS_BACKENDS, IO_TYPES
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.c_simulation import CSimulation, _missing_headers, _plain_kernel
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConversionError
from l1ml.model import TriggerModel

keras, qkeras = require("keras"), require("qkeras")
QUICK = [
    ("catapult", "io_parallel"),
    ("catapult", "io_stream"),
    ("oneapi", "io_parallel"),
    ("oneapi", "io_stream"),
    ("vitis", "io_stream"),
    ("libero", "io_parallel"),
    ("libero", "io_stream"),
]
ALL = [(backend, io_type) for backend in HLS_BACKENDS for io_type in IO_TYPES]


def check(model: TriggerModel, config: ConversionConfig, folder: Path, rng: np.random.Generator, n: int = 20_000) -> None:
    simulation = CSimulation(hls_project(model, config).write(folder))
    words = random_words(model.input_formats, n, rng)
    expected = IntegerEmulator(model.network).predict(words)
    np.testing.assert_array_equal(simulation.predict(words), expected)
    assert len(np.unique(expected)) > 1


@pytest.mark.parametrize(("backend", "io_type"), QUICK)
def test_every_word(backend: str, io_type: str, tmp_path: Path, rng: np.random.Generator) -> None:
    check(projects.small_model(), projects.hls_config(backend, io_type), tmp_path, rng)


def bits_model() -> TriggerModel:
    """Quantisers of one bit, which hls4ml writes as two for Catapult and oneAPI, and a threshold bit as the score."""
    inputs = keras.Input((len(projects.FORMATS),), name="words")
    x = keras.layers.Rescaling(2.0**-7, name="shift")(inputs)
    x = qkeras.QActivation(qkeras.quantized_relu(4, 1, negative_slope=0.125), name="slope")(x)
    pack = qkeras.QDense(1, kernel_quantizer=projects.bits(6, 5), use_bias=False, name="pack")
    y = pack(x)
    pack.set_weights([np.arange(-5.0, 5.0)[:, None]])
    return projects.trigger_model(keras.Model(inputs, keras.ops.greater_equal(y, 0.5)), "bits")


def test_types_of_one_bit(tmp_path: Path, rng: np.random.Generator) -> None:
    for backend in ("catapult", "libero"):
        check(bits_model(), projects.hls_config(backend, "io_parallel"), tmp_path, rng)
    with pytest.raises(ConversionError, match=r"layer 'slope.*' saturates to one bit"):
        hls_project(bits_model(), projects.hls_config("oneapi", "io_parallel"))


def pairs_model() -> TriggerModel:
    """One kernel at five positions, and a score word for each of them."""
    inputs = keras.Input((len(projects.FORMATS),), name="words")
    x = keras.layers.Reshape((5, 2), name="pairs")(keras.layers.Rescaling(2.0**-7, name="shift")(inputs))
    weights = {"kernel_quantizer": projects.bits(5, 0), "bias_quantizer": projects.bits(5, 0)}
    shared = qkeras.QDense(3, activation=qkeras.quantized_relu(6, 2), **weights, name="shared")
    last = qkeras.QDense(1, **weights, name="last")
    scores = keras.layers.Flatten(name="scores")(last(shared(x)))
    source = np.random.default_rng(4)
    for layer in (shared, last):
        layer.set_weights([source.normal(0, 0.6, weight.shape) for weight in layer.get_weights()])
    return projects.trigger_model(keras.Model(inputs, scores), "pairs")


@pytest.mark.parametrize(("backend", "io_type"), QUICK)
def test_one_kernel_at_many_positions_and_several_scores(
    backend: str, io_type: str, tmp_path: Path, rng: np.random.Generator
) -> None:
    check(pairs_model(), projects.hls_config(backend, io_type), tmp_path, rng)


SHARED = {"rf_within_inputs": ("resource", 2), "rf_beyond_inputs": ("resource", 6), "unrolled": ("resource_unrolled", 2)}
"""Ways to build a kernel of 2 to 3 words at many positions."""


@pytest.mark.slow
@pytest.mark.parametrize("name", SHARED)
@pytest.mark.parametrize(("backend", "io_type"), ALL)
def test_multipliers_shared_at_many_positions(
    backend: str, io_type: str, name: str, tmp_path: Path, rng: np.random.Generator
) -> None:
    choice = LayerChoice(*SHARED[name])
    if choice.strategy not in HLS_BACKENDS[backend].strategies:
        pytest.skip("hls4ml has it for Vitis and Vivado only")
    config = projects.hls_config(backend, io_type, strategy="resource", layers={"shared": choice})
    check(pairs_model(), config, tmp_path, rng)


def test_the_bench_of_oneapi_fails_when_it_should(tmp_path: Path) -> None:
    """With the stand-in for SYCL, because icpx is not here; Intel's own headers have not seen it."""
    project = hls_project(projects.small_model(), projects.hls_config("oneapi", "io_stream")).write(tmp_path)
    sources = project / "src"
    (tmp_path / "build").mkdir()
    kernel = _plain_kernel(sources / "firmware", "small_top", tmp_path / "build")
    folders = [sources, sources / "firmware", *_missing_headers(HLS_BACKENDS["oneapi"])]
    flags = ["-std=c++17", "-w", *(f"-I{folder}" for folder in folders)]
    bench = tmp_path / "bench"
    subprocess.run(["g++", *flags, str(kernel), str(sources / "small_top_test.cpp"), "-o", str(bench)], check=True)
    golden = project / "tb_data/tb_output_predictions.dat"
    lines = golden.read_text().splitlines()
    runs = {"PASS: 64 of 64": lines, "FAIL: 63 of 64": ["-1.0", *lines[1:]], "end before crossing 63": lines[:-1]}
    for said, content in {**runs, "more golden words": [*lines, "0.0"]}.items():
        golden.write_text("\n".join(content) + "\n")
        done = subprocess.run([str(bench), str(golden.parent)], capture_output=True, text=True, check=False)
        assert said in done.stdout + done.stderr
        assert (done.returncode == 0) == said.startswith("PASS")


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "io_type"), [pair for pair in ALL if pair not in QUICK])
def test_every_word_of_the_others(backend: str, io_type: str, tmp_path: Path, rng: np.random.Generator) -> None:
    check(projects.small_model(), projects.hls_config(backend, io_type), tmp_path, rng)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["resource", "resource_unrolled"])
@pytest.mark.parametrize(("backend", "io_type"), ALL)
def test_strategies(backend: str, io_type: str, strategy: str, tmp_path: Path, rng: np.random.Generator) -> None:
    if strategy not in HLS_BACKENDS[backend].strategies:
        pytest.skip("hls4ml has it for Vitis and Vivado only")
    check(projects.small_model(), projects.hls_config(backend, io_type, strategy=strategy, reuse_factor=2), tmp_path, rng)
