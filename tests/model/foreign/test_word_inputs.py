from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from l1ml._optional import require
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.extraction import extract_network, freeze
from l1ml.model.foreign.word_inputs import on_words

keras, qkeras = require("keras"), require("qkeras")


def bits(width: int = 6, integer: int = 1) -> Any:
    return qkeras.quantized_bits(width, integer, alpha=1)


def model() -> Any:
    inputs = keras.Input((2,), name="numbers")
    normal = keras.layers.BatchNormalization(name="norm")(inputs)
    first = qkeras.QDense(3, kernel_quantizer=bits(), bias_quantizer=bits(), name="first")(normal)
    second = qkeras.QDense(3, kernel_quantizer=bits(), bias_quantizer=bits(), name="second")(normal)
    found = keras.Model(inputs, keras.layers.Subtract(name="both")([first, second]))
    found.get_layer("norm").set_weights([np.array(item) for item in ([1.0, 0.5], [0.1, 0.2], [1.0, -2.0], [1.0, 4.0])])
    return found


@pytest.mark.parametrize("format_", [FixedPoint(8, 4), FixedPoint(6, 6, False), FixedPoint(5, 8)])
def test_words_give_what_their_numbers_give(format_: FixedPoint, rng: np.random.Generator) -> None:
    given = model()
    words = random_words([FixedPoint(format_.width, format_.width, format_.signed)] * 2, 50, rng).astype(np.float32)
    found = on_words(given, format_).predict(words, verbose=0)
    np.testing.assert_array_equal(found, given.predict(words * np.float32(format_.lsb), verbose=0))


def test_a_model_behind_a_layer(rng: np.random.Generator) -> None:
    given = model()
    behind = on_words(given, FixedPoint(8, 4), after="norm")
    assert "norm" not in [layer.name for layer in behind.layers]
    freeze(behind)
    network = extract_network(behind, [FixedPoint(8, 8)] * 2)
    assert [node.name for node in network.nodes] == ["link_scale", "first", "second", "both"]
    # the copy has layers of its own: the given model is as it was, and can be copied again
    assert given.get_layer("first").kernel is not behind.get_layer("first").kernel
    assert extract_network(on_words(behind, FixedPoint(8, 8)), [FixedPoint(8, 8)] * 2).digest == network.digest


def test_what_cannot_be_put_on_words_is_refused() -> None:
    with pytest.raises(ConversionError, match=r"no layer 'nomr'; did you mean 'norm'"):
        on_words(model(), FixedPoint(8, 4), after="nomr")
    with pytest.raises(ConversionError, match="depends on more than"):
        on_words(model(), FixedPoint(8, 4), after="first")
    several = keras.Input((None, 3))
    with pytest.raises(ConversionError, match="every size must be known"):
        on_words(keras.Model(several, keras.layers.ReLU()(several)), FixedPoint(8, 4))
    pair = [keras.Input((2,)), keras.Input((2,))]
    with pytest.raises(ConversionError, match="2 inputs and 1 outputs"):
        on_words(keras.Model(pair, keras.layers.Add()(pair)), FixedPoint(8, 4))


def test_inputs_in_rows_come_as_one_row_of_words() -> None:
    rows = keras.Input((4, 2))
    found = on_words(keras.Model(rows, keras.layers.Flatten()(rows)), FixedPoint(8, 4))
    words = np.arange(8, dtype=np.float32)[None]
    np.testing.assert_array_equal(found.predict(words, verbose=0), words / 16)
