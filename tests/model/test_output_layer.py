from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from l1ml._optional import require
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError, ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.extraction import extract_network, freeze
from l1ml.model.output_layer import replace_softmax

keras, qkeras = require("keras"), require("qkeras")
FORMATS = (FixedPoint(5, 5), FixedPoint(4, 4, False))


def classifier(last: Any) -> Any:
    inputs = keras.Input((2,))
    bits = qkeras.quantized_bits(4, 1, alpha=1)
    model = keras.Model(inputs, last(qkeras.QDense(3, kernel_quantizer=bits, bias_quantizer=bits, name="logits")(inputs)))
    model.get_layer("logits").set_weights([np.array([[1.0, -0.5, 0.25], [-1.0, 0.75, 0.5]]), np.array([0.5, 0.0, 1.0])])
    freeze(model)
    return model


@pytest.mark.parametrize("last", [keras.layers.Softmax(), keras.layers.Activation("softmax")])
def test_the_place_of_the_largest_probability_is_that_of_the_largest_logit(last: Any, rng: np.random.Generator) -> None:
    model = classifier(last)
    with pytest.raises(ConversionError, match="no exact fixed-point form"):
        extract_network(model, FORMATS)
    words = random_words(FORMATS, 500, rng)
    logits = extract_network(replace_softmax(model, "logits"), FORMATS)
    assert len(logits.stages[-1].low) == 3
    network = extract_network(replace_softmax(model, "argmax"), FORMATS)
    probabilities = model.predict(words.astype(np.float32), verbose=0)
    places = IntegerEmulator(network).predict(words)
    # softmax rounds: of probabilities that became equal the logits still know the larger one
    assert (np.take_along_axis(probabilities, places[:, None], 1)[:, 0] == probabilities.max(axis=1)).all()
    assert len(np.unique(places)) == 3


@pytest.mark.parametrize(("bits", "far"), [(5, 0.08), (6, 0.04), (8, 0.01)])
def test_tables_give_probabilities(bits: int, far: float, rng: np.random.Generator) -> None:
    model = classifier(keras.layers.Softmax())
    tables = replace_softmax(model, "table", bits)
    freeze(tables)
    network = extract_network(tables, FORMATS)
    words = random_words(FORMATS, 500, rng)
    found = network.output_format.from_words(IntegerEmulator(network).predict(words))
    np.testing.assert_array_equal(found, np.asarray(tables(words.astype(np.float32)), np.float64))
    # how far tables of so many bits are from the float softmax is a figure of merit, not of exactness
    assert np.abs(found - np.asarray(model(words.astype(np.float32)))).max() < far
    assert len(np.unique(found)) > 20


def test_what_is_no_softmax_is_refused() -> None:
    with pytest.raises(ConversionError, match=r"the last layer 're' is a ReLU; only a Softmax"):
        replace_softmax(classifier(keras.layers.ReLU(name="re")), "logits")
    with pytest.raises(ConfigError, match="one of logits, argmax, table, tables of 2 to 8 bits; received 'nothing' and 8 bits"):
        replace_softmax(classifier(keras.layers.Softmax()), "nothing")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="received 'table' and 9 bits"):
        replace_softmax(classifier(keras.layers.Softmax()), "table", 9)
