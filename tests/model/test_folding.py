from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from l1ml._optional import require
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.extraction import extract_network, freeze
from l1ml.model.folding import fold_normalisation

keras, qkeras = require("keras"), require("qkeras")
FORMATS = (FixedPoint(5, 5), FixedPoint(4, 4, False))


def bits(width: int = 9, integer: int = 3) -> Any:
    return qkeras.quantized_bits(width, integer, alpha=1)


def normalised(layer: Any, **options: Any) -> Any:
    inputs = keras.Input((2,))
    dense = qkeras.QDense(1, **{"kernel_quantizer": bits(), "bias_quantizer": bits(), "name": "dense", **options})
    return keras.Model(inputs, qkeras.QActivation(bits(8, 5), name="rounded")(layer(dense(inputs))))


@pytest.mark.parametrize("use_bias", [True, False])
def test_a_normalisation_by_powers_of_two_is_folded_without_any_change(use_bias: bool, rng: np.random.Generator) -> None:
    model = normalised(keras.layers.BatchNormalization(epsilon=0.0, name="norm"), use_bias=use_bias)
    model.get_layer("norm").set_weights([np.array([2.0]), np.array([0.75]), np.array([1.5]), np.array([16.0])])
    model.get_layer("dense").set_weights([np.array([[1.25], [-0.5]])] + [np.array([0.5])] * use_bias)
    folded, (fold,) = fold_normalisation(model)
    assert (fold.layer, fold.normalisation, fold.scale.tolist(), fold.offset.tolist()) == ("dense", "norm", [0.5], [0.0])
    freeze(folded)
    words = random_words(FORMATS, 300, rng)
    network = extract_network(folded, FORMATS)
    found = network.output_format.from_words(IntegerEmulator(network).predict(words))
    np.testing.assert_array_equal(found, model.predict(words.astype(np.float32), verbose=0)[:, 0])
    assert [layer.name for layer in folded.layers][1:] == ["dense", "rounded"]


def test_a_quantised_normalisation_is_folded_as_it_computes(rng: np.random.Generator) -> None:
    model = normalised(qkeras.QBatchNormalization(name="norm"))
    folded, (fold,) = fold_normalisation(model)
    values = rng.normal(0, 3, (50, 1)).astype(np.float32)
    line = values * fold.scale + fold.offset
    np.testing.assert_allclose(line, np.asarray(model.get_layer("norm")(values)), rtol=1e-5, atol=1e-6)
    freeze(folded)
    words = random_words(FORMATS, 300, rng)
    network = extract_network(folded, FORMATS)
    found = network.output_format.from_words(IntegerEmulator(network).predict(words))
    np.testing.assert_array_equal(found, folded.predict(words.astype(np.float32), verbose=0)[:, 0])


def test_what_cannot_be_folded_is_refused_by_name() -> None:
    norm = keras.layers.BatchNormalization(name="norm")
    with pytest.raises(ConversionError, match="layer 'norm': BatchNormalization can only be folded into one of QDense"):
        fold_normalisation(normalised(norm, activation=qkeras.quantized_relu(4, 1)))
    norm = keras.layers.BatchNormalization(name="norm")
    with pytest.raises(ConversionError, match="'dense' has no bias_quantizer"):
        fold_normalisation(normalised(norm, use_bias=False, bias_quantizer=None))
    inputs = keras.Input((2,))
    dense = qkeras.QDense(2, kernel_quantizer=bits(), bias_quantizer=bits(), name="dense")(inputs)
    both = keras.layers.Add(name="both")([dense, keras.layers.BatchNormalization(name="norm")(dense)])
    with pytest.raises(ConversionError, match=r"'dense' is also read by .*both"):
        fold_normalisation(keras.Model(inputs, both))


FOLDING = {
    "dense": lambda: qkeras.QDense(3, kernel_quantizer=bits(), bias_quantizer=bits()),
    "timed": lambda: keras.layers.TimeDistributed(
        qkeras.QDense(3, kernel_quantizer=bits(), bias_quantizer=bits(), use_bias=False)
    ),
    "conv1d": lambda: qkeras.QConv1D(3, 2, kernel_quantizer=bits(), bias_quantizer=bits()),
    "separable1d": lambda: qkeras.QSeparableConv1D(
        3, 2, depthwise_quantizer=bits(6, 1), pointwise_quantizer=bits(), bias_quantizer=bits(), depth_multiplier=2
    ),
    "conv2d": lambda: qkeras.QConv2D(3, (2, 1), kernel_quantizer=bits(), bias_quantizer=bits(), padding="same"),
    "depthwise": lambda: qkeras.QDepthwiseConv2D(
        (2, 1), depthwise_quantizer=bits(), bias_quantizer=bits(), use_bias=False, depth_multiplier=3
    ),
    "separable2d": lambda: qkeras.QSeparableConv2D(
        3, (2, 1), depthwise_quantizer=bits(6, 1), pointwise_quantizer=bits(), bias_quantizer=bits(), use_bias=False
    ),
}


@pytest.mark.parametrize("kind", FOLDING)
def test_layers_with_positions_absorb_a_normalisation_per_channel(kind: str, rng: np.random.Generator) -> None:
    shape = (3, 1, 2) if kind.endswith("2d") or kind == "depthwise" else (3, 2)
    inputs = keras.Input(shape)
    y = keras.layers.BatchNormalization(epsilon=0.0, name="norm")(FOLDING[kind]()(inputs))
    model = keras.Model(inputs, qkeras.QActivation(bits(10, 6))(y))
    for layer in model.layers:
        layer.set_weights([rng.integers(-20, 21, weight.shape) / 16 for weight in layer.get_weights()])
    n = int(y.shape[-1])
    factors = 2.0 ** rng.integers(-1, 2, n)
    model.get_layer("norm").set_weights([factors, rng.integers(-8, 9, n) / 8, rng.integers(-8, 9, n) / 8, np.ones(n)])
    freeze(model)
    folded, (fold,) = fold_normalisation(model)
    np.testing.assert_array_equal(fold.scale, factors)
    freeze(folded)
    formats = (FixedPoint(5, 5), FixedPoint(4, 4, False)) * 3
    words = random_words(formats, 300, rng)
    network = extract_network(folded, formats)
    found = network.output_format.from_words(IntegerEmulator(network).predict(words))
    expected = model.predict(words.astype(np.float32).reshape(-1, *shape), verbose=0)
    np.testing.assert_array_equal(found, expected.reshape(len(words), -1))


def test_a_normalisation_over_positions_is_refused_by_name() -> None:
    inputs = keras.Input((3, 2))
    y = qkeras.QDense(2, kernel_quantizer=bits(), bias_quantizer=bits())(inputs)
    norm = keras.layers.BatchNormalization(axis=1, name="norm")
    model = keras.Model(inputs, norm(y))
    norm.set_weights([np.array([1.0, 2.0, 3.0]), np.zeros(3), np.zeros(3), np.ones(3)])
    with pytest.raises(ConversionError, match="layer 'norm': BatchNormalization over axis 1; use axis=-1, the channels"):
        fold_normalisation(model)
