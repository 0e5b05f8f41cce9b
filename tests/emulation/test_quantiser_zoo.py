"""Every quantiser and score through all four emulators, word for word; many in one project, so that each compiles once."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import projects
import pytest
from quantiser_zoo import ACTIVATIONS, WEIGHTS

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, hls_project, rtl_project
from l1ml.conversion.cpp import cpp_project
from l1ml.emulation import Emulator, IntegerEmulator
from l1ml.emulation.c_simulation import CSimulation
from l1ml.emulation.cpp_emulator import CppEmulator
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.emulation.stimuli import random_words
from l1ml.hardware import FixedPoint
from l1ml.model import TriggerModel
from l1ml.model.output_layer import replace_softmax

keras, qkeras = require("keras"), require("qkeras")
FORMATS = (FixedPoint(8, 8), FixedPoint(7, 7), FixedPoint(9, 9, False))
bits = projects.bits


@cache
def root() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="l1ml-zoo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def packed(branches: list[Any], name: str = "pack") -> Any:
    """One word of all branches; their words differ in weight, so that a wrong one cannot hide behind another."""
    x = keras.layers.Concatenate(name=f"{name}_all")(branches) if len(branches) > 1 else branches[0]
    pack = qkeras.QDense(1, kernel_quantizer=bits(9, 8), use_bias=False, name=name)
    y = pack(x)
    n = int(x.shape[-1])
    pack.set_weights([np.array([[1.0 + 2 * ((37 * index) % 101)] for index in range(n)])])
    return y


def scaled_inputs() -> tuple[Any, Any]:
    inputs = keras.Input((3,), name="words")
    return inputs, keras.layers.Rescaling([2.0**-5, 2.0**-4, 2.0**-7], name="shift")(inputs)


@cache
def activations() -> TriggerModel:
    inputs, x = scaled_inputs()
    names = list(ACTIVATIONS)
    branches = [qkeras.QActivation(ACTIVATIONS[name](), name=f"a_{name}")(x) for name in names]
    return projects.trigger_model(keras.Model(inputs, packed(branches)), "activations", FORMATS)


@cache
def weights() -> TriggerModel:
    rng = np.random.default_rng(8)
    inputs, x = scaled_inputs()
    x = qkeras.QActivation(bits(6, 2), name="rounded")(x)
    branches = []
    for name in WEIGHTS:
        dense = qkeras.QDense(3, kernel_quantizer=WEIGHTS[name](), bias_quantizer=bits(4, 1), name=f"w_{name}")
        branches.append(qkeras.QActivation(bits(6, 3), name=f"r_{name}")(dense(x)))
        dense.set_weights([rng.normal(0, 0.7, (3, 3)), rng.normal(0, 0.7, 3)])
    return projects.trigger_model(keras.Model(inputs, packed(branches)), "weights", FORMATS)


def latent() -> tuple[Any, Any, Any]:
    """Inputs, quantised inputs and a small autoencoder's view of them."""
    inputs, x = scaled_inputs()
    x = qkeras.QActivation(bits(6, 2), name="rounded")(x)
    hidden = qkeras.QDense(
        2, activation=qkeras.quantized_relu(5, 2), kernel_quantizer=bits(4, 1), bias_quantizer=bits(4, 1), name="h"
    )
    seen = qkeras.QDense(3, kernel_quantizer=bits(4, 1), bias_quantizer=bits(4, 1), name="seen")
    y = qkeras.QActivation(bits(6, 2), name="decoded")(seen(hidden(x)))
    rng = np.random.default_rng(3)
    for layer in (hidden, seen):
        layer.set_weights([rng.normal(0, 0.8, weight.shape) for weight in layer.get_weights()])
    return inputs, x, y


def score(name: str) -> Any:
    """A score of the small autoencoder, in Keras' own words."""
    ops = keras.ops
    inputs, x, y = latent()
    match name:
        case "errors":
            error = keras.layers.Subtract(name="error")([x, y])
            total = ops.sum(ops.square(error), axis=-1, keepdims=True)
            mse = keras.layers.Rescaling(0.25, name="mse")(total)
            mae = ops.mean(ops.abs(keras.layers.Concatenate(name="four")([error, mse])), axis=-1, keepdims=True)
            product = ops.sum(ops.multiply(x, y), axis=-1, keepdims=True)
            both = keras.layers.Add(name="both")([ops.max(y, axis=-1, keepdims=True), ops.max(x, axis=-1, keepdims=True)])
            out = packed([mse, mae, product, both, ops.abs(product)])
        case "rows":
            # quantisers in a row, the first one right on the link
            row = qkeras.QActivation(bits(5, 5), name="on_link")(inputs)
            row = qkeras.QActivation(bits(6, 3), name="second")(row)
            row = qkeras.QActivation(qkeras.quantized_relu(5, 2, negative_slope=0.5), name="third")(row)
            out = packed([row])
        case "divergence":
            variance = qkeras.QActivation(bits(9, 3, keep_negative=0), name="variance")(ops.exp(y))
            out = ops.sum(ops.square(x) + variance - y - 1.0, axis=-1, keepdims=True)
        case "softmax":
            logits = qkeras.QActivation(bits(6, 3), name="logits")(y)
            out = packed([replace_softmax(keras.Model(inputs, keras.layers.Softmax()(logits)), "table", 5).output])
        case "max":
            out = ops.max(y, axis=-1, keepdims=True)
        case "argmax":
            out = ops.argmax(y, axis=-1, keepdims=True)
        case "threshold":
            out = ops.greater_equal(ops.sum(ops.square(y), axis=-1, keepdims=True), 7.3)
    return keras.Model(inputs, out)


@cache
def model_of(name: str) -> TriggerModel:
    if name in {"activations", "weights"}:
        return {"activations": activations, "weights": weights}[name]()
    return projects.trigger_model(score(name), name, FORMATS)


NAMES = ["activations", "weights", "errors", "rows", "divergence", "softmax", "max", "argmax", "threshold"]


def check(emulator: Emulator, model: TriggerModel, n: int, rng: np.random.Generator) -> None:
    words = random_words(FORMATS, n, rng)
    integers = IntegerEmulator(model.network)
    expected = integers.predict(words)
    np.testing.assert_array_equal(integers.predict_checked(len(words), lambda rows, kind: words[rows].astype(kind)), expected)
    np.testing.assert_array_equal(emulator.predict(words), expected)
    assert len(np.unique(expected)) > 1


@pytest.mark.parametrize("name", NAMES)
def test_keras(name: str, rng: np.random.Generator) -> None:
    check(KerasEmulator(model_of(name)), model_of(name), 8000, rng)


@pytest.mark.parametrize("name", NAMES)
def test_c_simulation(name: str, rng: np.random.Generator) -> None:
    folder = hls_project(model_of(name), ConversionConfig()).write(root())
    check(CSimulation(folder), model_of(name), 20_000, rng)


@pytest.mark.slow
@pytest.mark.parametrize("io_type", ["io_parallel", "io_stream"])
@pytest.mark.parametrize("name", NAMES)
def test_behind_libero(name: str, io_type: str, rng: np.random.Generator) -> None:
    config = projects.hls_config("libero", io_type)
    check(CSimulation(hls_project(model_of(name), config).write(root())), model_of(name), 20_000, rng)


@pytest.mark.parametrize("name", NAMES)
def test_cpp(name: str, rng: np.random.Generator) -> None:
    folder = cpp_project(model_of(name)).write(root())
    check(CppEmulator(folder, options=("-O1",)), model_of(name), 20_000, rng)


@pytest.mark.parametrize("name", NAMES)
def test_rtl_simulation(name: str, rng: np.random.Generator) -> None:
    folder = rtl_project(model_of(name), ConversionConfig()).write(root())
    check(RtlSimulation(folder), model_of(name), 20_000, rng)
