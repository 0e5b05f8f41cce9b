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
    assert (fold.dense, fold.normalisation, fold.scale.tolist(), fold.offset.tolist()) == ("dense", "norm", [0.5], [0.0])
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
    with pytest.raises(ConversionError, match="layer 'norm': BatchNormalization can only be folded into a QDense without"):
        fold_normalisation(normalised(norm, activation=qkeras.quantized_relu(4, 1)))
    norm = keras.layers.BatchNormalization(name="norm")
    with pytest.raises(ConversionError, match="'dense' has no bias_quantizer"):
        fold_normalisation(normalised(norm, use_bias=False, bias_quantizer=None))
    inputs = keras.Input((2,))
    dense = qkeras.QDense(2, kernel_quantizer=bits(), bias_quantizer=bits(), name="dense")(inputs)
    both = keras.layers.Add(name="both")([dense, keras.layers.BatchNormalization(name="norm")(dense)])
    with pytest.raises(ConversionError, match=r"'dense' is also read by .*both"):
        fold_normalisation(keras.Model(inputs, both))
