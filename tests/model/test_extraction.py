from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from l1ml.emulation import IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.extraction import extract_network, freeze

keras = pytest.importorskip("keras")
qkeras = pytest.importorskip("qkeras")

FORMATS = (FixedPoint(8, 8, False), FixedPoint(6, 6), FixedPoint(9, 9, False), FixedPoint(1, 1, False))


def bits(width: int, integer: int) -> Any:
    return qkeras.quantized_bits(width, integer, alpha=1)


def dense(units: int, **options: Any) -> Any:
    options = {"kernel_quantizer": bits(5, 1), "bias_quantizer": bits(6, 2), **options}
    return qkeras.QDense(units, **options)


def model_of(*layers: Any, square: bool = False) -> Any:
    x = inputs = keras.Input((len(FORMATS),))
    for layer in layers:
        x = layer(x)
    if square:
        x = keras.layers.Multiply()([x, x])
    return keras.Model(inputs, x)


def test_the_network_computes_what_keras_computes(rng: np.random.Generator) -> None:
    keras.utils.set_random_seed(3)
    model = model_of(
        keras.layers.Rescaling([0.25, 0.5, 0.125, 1.0]),
        qkeras.QActivation(bits(7, 4)),
        dense(6, activation=qkeras.quantized_relu(6, 3)),
        dense(3),
        qkeras.QActivation(bits(8, 3)),
        dense(1, use_bias=False),
        square=True,
    )
    freeze(model)
    network = extract_network(model, FORMATS)
    words = random_words(FORMATS, 5000, rng)
    values = model.predict(words.astype(np.float32), verbose=0)[:, 0].astype(np.float64)
    np.testing.assert_array_equal(network.output_format.from_words(IntegerEmulator(network).predict(words)), values)


REFUSED = {
    "Dense has no exact": lambda: keras.layers.Dense(2),
    "Softmax has no exact": keras.layers.Softmax,
    "BatchNormalization has no exact": keras.layers.BatchNormalization,
    "Rescaling with an offset": lambda: keras.layers.Rescaling(0.5, offset=1.0),
    "a factor of 0.1": lambda: keras.layers.Rescaling(0.1),
    "a float weight": lambda: qkeras.QDense(2, kernel_quantizer=bits(5, 1)),
    "alpha='auto'": lambda: dense(2, kernel_quantizer=qkeras.quantized_bits(5, 1, alpha="auto")),
    "'stochastic_ternary'": lambda: dense(2, kernel_quantizer=qkeras.stochastic_ternary()),
    "alpha=0.3": lambda: qkeras.QActivation(qkeras.quantized_bits(5, 1, alpha=0.3)),
    "alpha='auto_po2'": lambda: qkeras.QActivation(qkeras.quantized_bits(5, 1, alpha="auto_po2")),
    "on 4 channels": lambda: qkeras.QActivation(qkeras.quantized_bits(5, 1, alpha=[1, 2])),
    "binary with alpha=None": lambda: qkeras.QActivation(qkeras.binary()),
    "ternary with alpha=None": lambda: qkeras.QActivation(qkeras.ternary()),
    "threshold=0.0": lambda: qkeras.QActivation(qkeras.ternary(alpha=1.0, threshold=0.0)),
    "qnoise_factor=0.5": lambda: qkeras.QActivation(qkeras.quantized_bits(5, 1, alpha=1, qnoise_factor=0.5)),
    "integer=-1, which QKeras cannot compute": lambda: qkeras.QActivation(qkeras.quantized_relu(5, -1)),
    "'quantized_ulaw' has no fixed-point": lambda: qkeras.QActivation(qkeras.quantized_ulaw(4)),
    "less than one count": lambda: qkeras.QActivation(qkeras.quantized_relu(4, 1, negative_slope=0.0625)),
    "QBatchNormalization has no exact": qkeras.QBatchNormalization,
    "ReLU has no exact": keras.layers.ReLU,
    "LeakyReLU has no exact": keras.layers.LeakyReLU,
    "'tanh' has no fixed-point": lambda: dense(2, activation="tanh"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_has_no_exact_form_is_refused_by_name(what: str) -> None:
    def convert() -> None:
        model = model_of(REFUSED[what]())
        freeze(model)
        extract_network(model, FORMATS)

    with pytest.raises(ConversionError) as caught:
        convert()
    assert what in str(caught.value)
    assert "use " in str(caught.value)


def test_weights_off_the_grid_are_refused() -> None:
    with pytest.raises(ConversionError, match="not on the grid"):
        extract_network(model_of(dense(2, kernel_initializer=keras.initializers.Constant(0.3))), FORMATS)


def test_two_inputs_or_outputs_are_refused() -> None:
    first, second = keras.Input((4,)), keras.Input((4,))
    with pytest.raises(ConversionError, match="2 inputs; put them into one"):
        extract_network(keras.Model([first, second], keras.layers.Add()([first, second])), FORMATS)
    with pytest.raises(ConversionError, match="2 outputs; put them into one"):
        extract_network(keras.Model(first, [dense(1)(first), dense(2)(first)]), FORMATS)


def test_a_layer_that_is_applied_twice_is_refused() -> None:
    inputs, layer = keras.Input((4,)), dense(4, name="shared")
    model = keras.Model(inputs, layer(layer(inputs)))
    freeze(model)
    with pytest.raises(ConversionError, match="'shared' is applied 2 times"):
        extract_network(model, FORMATS)


def test_a_true_function_of_too_many_words_is_refused_by_name() -> None:
    tanh = qkeras.QActivation(qkeras.quantized_tanh(6, use_real_tanh=True), name="tanh")
    fine = keras.layers.Rescaling([1.0, 1.0, 1.0, 2.0**-8], name="fine")
    with pytest.raises(ConversionError, match=r"layer 'tanh': quantized_tanh of \d{6} different words; put a quantized_bits"):
        extract_network(model_of(fine, tanh), FORMATS)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused_by_name(value: float) -> None:
    layer = dense(2, name="burnt")
    model = model_of(layer)
    layer.set_weights([np.full((4, 2), value), np.zeros(2)])
    for convert in (freeze, lambda item: extract_network(item, FORMATS)):
        with pytest.raises(ConversionError, match="kernel of layer 'burnt': 8 of 8 weights are NaN or infinite"):
            convert(model)
