from __future__ import annotations

import numpy as np
import pytest
from bits_toy import mixed_network, shaken, words
from projects import bits

from l1ml._optional import require
from l1ml.errors import ConfigError, ConversionError
from l1ml.model.extraction import freeze

pytest.importorskip("qkeras")

from l1ml.training.bits import ActivationBits, BitOperations, WeightBits, count_bit_operations, freeze_bits


def test_a_plain_network_costs_the_bits_of_both_factors() -> None:
    keras, qkeras = require("keras"), require("qkeras")
    inputs = keras.Input((2,))
    x = qkeras.QActivation(bits(6, 2), name="grid")(inputs)
    model = keras.Model(inputs, qkeras.QDense(3, kernel_quantizer=bits(4, 1), use_bias=False, name="dense")(x))
    # widths of 3/4, 1, 0; 5/4, 1/2, 2 between their first and last bit: 2, 1, 0; 3, 1, 1
    model.get_layer("dense").set_weights([np.array([[0.75, 1.0, 0.0], [-1.25, 0.5, -2.0]])])
    freeze(model)
    assert count_bit_operations(model) == 6 * (2 + 1 + 0 + 3 + 1 + 1)


def test_a_convolution_multiplies_at_every_position() -> None:
    keras, qkeras = require("keras"), require("qkeras")
    inputs = keras.Input((5, 4, 1))
    x = qkeras.QActivation(bits(6, 2), name="grid")(inputs)
    conv = qkeras.QConv2D(1, (2, 2), kernel_quantizer=bits(4, 1), use_bias=False, kernel_initializer="ones", name="conv")
    assert count_bit_operations(keras.Model(inputs, conv(x))) == 6 * 4 * (4 * 3)


def test_the_price_is_an_upper_limit_and_has_a_gradient(rng: np.random.Generator) -> None:
    tf = require("tensorflow")
    network = shaken(mixed_network(), words(500, rng))
    cost = BitOperations(network)
    with tf.GradientTape() as watch:
        total = cost.total()
    kernel = network.get_layer("hidden").kernel_quantizer_internal.fractional
    gradient = np.asarray(watch.gradient(total, kernel.value))
    assert gradient.min() >= 0 < gradient.max()
    exact = count_bit_operations(freeze_bits(network))
    assert 0 < exact <= float(total)
    kernel.assign(np.asarray(kernel) - 2)
    assert float(cost.total()) < float(total)


def test_by_hand_what_the_price_of_a_layer_is() -> None:
    keras, qkeras = require("keras"), require("qkeras")
    inputs = keras.Input((2,))
    x = qkeras.QActivation(ActivationBits(signed=True, fractional=2), name="grid")(inputs)
    model = keras.Model(inputs, qkeras.QDense(1, kernel_quantizer=WeightBits(fractional=3), use_bias=False, name="dense")(x))
    model(np.array([[1.5, -4.0]], np.float32), training=True)
    model.get_layer("dense").kernel.assign([[0.5], [1.0]])
    # sign, 1 and 2 integer bits (-4 is the lowest of two) and 2 fractional ones; 0.100 and 1.000
    assert float(BitOperations(model).total()) == 4 * 3 + 5 * 4
    assert float(BitOperations(model).bits()) == 2 * 2 + 2 * 3


def test_terms_beyond_what_a_sum_may_have() -> None:
    keras, qkeras = require("keras"), require("qkeras")
    inputs = keras.Input((3,))
    x = qkeras.QActivation(ActivationBits(signed=True), name="grid")(inputs)
    model = keras.Model(inputs, qkeras.QDense(2, kernel_quantizer=WeightBits(fractional=3), name="dense")(x))
    model(np.ones((1, 3), np.float32), training=True)
    # 0.1, 1.001 and 0.11 of an eighth are about 1, 2.5 and 1.5 digits; the second sum has one
    model.get_layer("dense").kernel.assign([[0.5, 0.125], [1.125, 0.0], [0.375, 0.0]])
    kernel = model.get_layer("dense").kernel_quantizer_internal
    kernel.fractional.assign([[1, 3], [3, 3], [3, 3]])
    cost = BitOperations(model)
    assert [float(cost.excess([most])) for most in (1, 3, 6)] == [4, 2, 0]
    with pytest.raises(ConfigError, match="terms are given for 2 layers, the network has 1"):
        cost.excess([4, 4])


def test_values_without_a_quantiser_are_refused() -> None:
    keras, qkeras = require("keras"), require("qkeras")
    inputs = keras.Input((2,), name="link")
    with pytest.raises(ConversionError, match="layer 'dense' reads 'link', a InputLayer"):
        count_bit_operations(keras.Model(inputs, qkeras.QDense(1, kernel_quantizer=bits(4, 1), name="dense")(inputs)))
    with pytest.raises(ConversionError, match="bits of a Dense cannot be learned"):
        count_bit_operations(keras.Model(inputs, keras.layers.Dense(1)(inputs)))


def test_squares_of_the_outputs_cost_half_the_product_of_their_bits(rng: np.random.Generator) -> None:
    network = shaken(mixed_network(), words(500, rng))
    width = float(network.get_layer("score").activation.width()[0])
    without, with_them = (float(BitOperations(network, squared=squared).total()) for squared in (False, True))
    assert with_them - without == pytest.approx(4 * width**2 / 2)
    frozen = freeze_bits(network)
    assert count_bit_operations(frozen, squared=True) - count_bit_operations(frozen) == int(4 * width**2 / 2)
