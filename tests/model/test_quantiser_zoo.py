"""Every quantiser: the integer network gives the words of QKeras, after the Keras file was saved and loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from quantiser_zoo import ACTIVATIONS, WEIGHTS

from l1ml._optional import require
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.hardware import FixedPoint
from l1ml.model.extraction import extract_network, freeze

keras, qkeras = require("keras"), require("qkeras")
FORMATS = (FixedPoint(8, 8), FixedPoint(7, 7), FixedPoint(9, 9, False))


def bits(width: int, integer: int) -> Any:
    return qkeras.quantized_bits(width, integer, alpha=1)


def check(model: Any, folder: Path, rng: np.random.Generator) -> None:
    freeze(model)
    network = extract_network(model, FORMATS)
    model.save(folder / "weights.keras")
    again = keras.models.load_model(folder / "weights.keras", compile=False)
    assert extract_network(again, FORMATS).digest == network.digest
    words = random_words(FORMATS, 4000, rng)
    values = np.asarray(again.predict(words.astype(np.float32), batch_size=4000, verbose=0)[:, 0], np.float64)
    emulator = IntegerEmulator(network)
    np.testing.assert_array_equal(network.output_format.from_words(emulator.predict(words)), values)
    assert len(np.unique(values)) > 1
    assert not network.dead


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_those_of_keras(name: str, tmp_path: Path, rng: np.random.Generator) -> None:
    x = inputs = keras.Input((3,))
    x = keras.layers.Rescaling([2.0**-5, 2.0**-4, 2.0**-7])(x)
    x = qkeras.QActivation(ACTIVATIONS[name]())(x)
    pack = qkeras.QDense(1, kernel_quantizer=bits(12, 11), use_bias=False, name="pack")
    model = keras.Model(inputs, pack(x))
    pack.set_weights([np.array([[1.0], [33.0], [1025.0]])])
    check(model, tmp_path, rng)


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_are_those_of_keras(name: str, tmp_path: Path, rng: np.random.Generator) -> None:
    inputs = keras.Input((3,))
    keras.utils.set_random_seed(11)
    dense = qkeras.QDense(3, kernel_quantizer=WEIGHTS[name](), bias_quantizer=bits(5, 1), bias_initializer="ones", name="dense")
    x = qkeras.QActivation(bits(7, 4))(dense(qkeras.QActivation(bits(6, 5))(keras.layers.Rescaling(0.25)(inputs))))
    pack = qkeras.QDense(1, kernel_quantizer=bits(12, 11), use_bias=False, name="pack")
    model = keras.Model(inputs, pack(x))
    dense.set_weights([rng.normal(0, 0.7, (3, 3)), rng.normal(0, 0.7, 3)])
    pack.set_weights([np.array([[1.0], [17.0], [257.0]])])
    check(model, tmp_path, rng)
