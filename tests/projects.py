"""A small trigger model and its written projects, made once per test session for all rooms that need them."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, FirmwareProject, hls_project, rtl_project
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.hardware import FixedPoint
from l1ml.model import GoldenWords, TriggerModel
from l1ml.model.extraction import extract_network, freeze

__all__ = ["FORMATS", "HANGING", "bits", "hls_config", "keras_model", "project", "small_model", "trigger_model", "written"]

FORMATS = tuple(
    FixedPoint(width, width, signed) for width, signed in [(12, False), (1, True), (9, False), (8, True), (10, False)] * 2
)

HANGING = "may result in RTL simulation hanging"
"""What the streams of Vitis and Vivado say of a transfer that is read before it is written, or never."""

_CONVERTERS = {"vitis": hls_project, "verilog": rtl_project}


def bits(width: int, integer: int, **options: Any) -> Any:
    """A QKeras quantiser."""
    return require("qkeras").quantized_bits(width, integer, **{"alpha": 1, **options})


def hls_config(backend: str, io_type: str, **options: Any) -> ConversionConfig:
    """Configuration for an HLS back end; oneAPI and Libero have other parts, and oneAPI one strategy."""
    own = {"oneapi": {"strategy": "resource", "part": "Agilex7"}, "libero": {"part": "MPF300"}}
    return ConversionConfig(hls_backend=backend, io_type=io_type, **{**own.get(backend, {}), **options})


def keras_model(layers: Sequence[Any], n_inputs: int = len(FORMATS)) -> Any:
    """A chain of Keras layers; the string ``square`` stands for a tensor times itself."""
    keras = require("keras")
    x = inputs = keras.Input((n_inputs,), name="words")
    for layer in layers:
        x = keras.layers.Multiply(name="square")([x, x]) if layer == "square" else layer(x)
    return keras.Model(inputs, x)


def trigger_model(network: Any, name: str = "small", formats: Sequence[FixedPoint] = FORMATS) -> TriggerModel:
    """`network` as a TriggerModel, weights frozen on their grid."""
    freeze(network)
    integers = extract_network(network, formats)
    with tempfile.TemporaryDirectory() as folder:
        network.save(Path(folder) / "weights.keras")
        weights = (Path(folder) / "weights.keras").read_bytes()
    words = random_words(formats, 64, np.random.default_rng(0))
    golden = GoldenWords(words, IntegerEmulator(integers).predict(words))
    features = tuple(f"input_{index}" for index in range(len(formats)))
    return TriggerModel(name, "0" * 64, features, integers, "sum of squares", weights, golden)


def small_layers() -> list[Any]:
    """Layers with every mode that conversion knows: shifts, plain and symmetric saturation, rectifiers inside and outside."""
    keras, qkeras = require("keras"), require("qkeras")
    relu = qkeras.quantized_relu
    weights = {"kernel_quantizer": bits(5, 0), "bias_quantizer": bits(7, 0)}
    return [
        keras.layers.Rescaling(scale=[2.0**-7, 1.0, 2.0**-5, 2.0**-4, 2.0**-6] * 2, name="scale"),
        qkeras.QActivation(bits(8, 2), name="inputs"),
        qkeras.QDense(8, **weights, name="dense_0"),
        qkeras.QActivation(relu(8, 2), name="relu_0"),
        qkeras.QDense(6, activation=relu(6, 2), **weights, name="dense_1"),
        qkeras.QDense(4, **weights, name="dense_2"),
        qkeras.QActivation(bits(7, 2, symmetric=1), name="latent"),
        "square",
        qkeras.QDense(1, use_bias=False, kernel_quantizer=bits(2, 1), kernel_initializer="ones", name="score"),
    ]


@cache
def small_model() -> TriggerModel:
    """A 10-8-6-4 network with sparse weights and a sum of squares at its end."""
    model = keras_model(small_layers())
    source = np.random.default_rng(5)
    for layer in model.layers:
        if layer.name.startswith("dense"):
            kernel, bias = (source.normal(0, 0.5, weight.shape) for weight in layer.get_weights())
            layer.set_weights([kernel * (source.random(kernel.shape) > 0.4), bias])
    return trigger_model(model)


@cache
def project(backend: str) -> FirmwareProject:
    """Project of the small model."""
    return _CONVERTERS[backend](small_model(), ConversionConfig())


@cache
def _root() -> Path:
    root = Path(tempfile.mkdtemp(prefix="l1ml-projects-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return root


@cache
def written(backend: str) -> Path:
    """Folder of the written project; what simulators build in it is shared by all tests."""
    return project(backend).write(_root())
