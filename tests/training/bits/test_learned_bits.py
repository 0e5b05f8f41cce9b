from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml._optional import require
from l1ml.errors import ConfigError
from l1ml.hardware import FixedPoint, Overflow, Rounding

pytest.importorskip("qkeras")

from l1ml.training.bits import ActivationBits, WeightBits

VALUES = st.lists(st.integers(-(2**12), 2**12), min_size=1, max_size=20)


def on_grid(values: list[int]) -> np.ndarray:
    """Numbers of which many are halves of one count."""
    return np.array(values, np.float32) * 2.0**-7


@settings(max_examples=30, deadline=None)
@given(VALUES, st.integers(-2, 8))
def test_a_weight_is_rounded_as_a_number_format_does(values: list[int], fractional: int) -> None:
    x = on_grid(values)
    quantiser = WeightBits("layer", fractional)
    wide = FixedPoint.from_kif(1, 12, fractional, Rounding.RND_CONV, Overflow.SAT)
    np.testing.assert_array_equal(np.asarray(quantiser(x)), wide.quantize(x.astype(np.float64)))


@settings(max_examples=30, deadline=None)
@given(VALUES, st.integers(0, 6), st.booleans())
def test_an_activation_is_what_qkeras_makes_of_it(values: list[int], fractional: int, signed: bool) -> None:
    qkeras = require("qkeras")
    x = on_grid(values)[:, None]
    quantiser = ActivationBits(signed, "layer", fractional)
    quantiser(x)
    quantiser.peak.assign([5.0])
    assert quantiser.formats() == (3, fractional)
    same = qkeras.quantized_bits(4 + fractional, 3, alpha=1) if signed else qkeras.quantized_relu(3 + fractional, 3)
    np.testing.assert_array_equal(np.asarray(quantiser(x)), np.asarray(same(x)))


@settings(max_examples=30, deadline=None)
@given(VALUES, st.integers(0, 6), st.booleans())
def test_an_activation_that_is_cut_off_is_a_truncated_word(values: list[int], fractional: int, signed: bool) -> None:
    x = on_grid(values)[:, None]
    quantiser = ActivationBits(signed, "layer", fractional, rounding="down")
    quantiser(x)
    quantiser.peak.assign([5.0])
    wanted = FixedPoint.from_kif(int(signed), 3, fractional, Rounding.TRN, Overflow.SAT)
    np.testing.assert_array_equal(np.asarray(quantiser(x)), wanted.quantize(x.astype(np.float64)))


def test_bits_that_are_cut_off_get_the_error_against_the_middle_of_a_count() -> None:
    tf = require("tensorflow")
    x = tf.constant([[0.375, 0.5]])
    quantiser = ActivationBits(fractional=1, rounding="down")
    quantiser(x, training=True)
    with tf.GradientTape() as watch:
        cut = quantiser(x)
    assert np.asarray(cut).tolist() == [[0.0, 0.5]]
    gradient = np.asarray(watch.gradient(cut, quantiser.fractional.value))
    np.testing.assert_allclose(gradient, np.log(2) * np.array([0.125, -0.25]), rtol=1e-6)


def test_words_of_a_known_range_never_saturate() -> None:
    quantiser = ActivationBits(signed=True, fractional=0, rounding="down", holds=[8.0 * (1 - 2.0**-20), 2.0])
    quantiser(np.array([[100.0, 1.0]], np.float32), training=True)
    assert quantiser.formats()[0].tolist() == [3, 2]
    same = ActivationBits.from_config(quantiser.get_config())
    same(np.zeros((1, 2), np.float32))
    assert same.formats()[0].tolist() == [3, 2]


@pytest.mark.parametrize("peak", [2.0**power for power in range(-10, 11)])
def test_integer_bits_hold_a_power_of_two(peak: float) -> None:
    quantiser = ActivationBits(granularity="layer")
    quantiser(np.zeros((1, 1), np.float32))
    for value, more in ((peak, 1), (np.nextafter(np.float32(peak), np.float32(0)), 0)):
        quantiser.peak.assign([value])
        # a number that misses the power by less than the hair of the logarithm may have the bit as well
        assert int(quantiser.integer_bits()[0]) in {np.log2(peak) + more, np.log2(peak) + 1}


def test_the_bits_get_the_gradient_of_the_error_they_leave(rng: np.random.Generator) -> None:
    tf = require("tensorflow")
    x = tf.constant(rng.normal(0, 1, (5, 3)).astype(np.float32))
    quantiser = WeightBits("weight", 2)
    quantiser(x)
    with tf.GradientTape() as watch:
        watch.watch(x)
        rounded = quantiser(x)
    of_x, of_bits = watch.gradient(rounded, [x, quantiser.fractional.value])
    np.testing.assert_array_equal(np.asarray(of_x), 1)
    np.testing.assert_allclose(np.asarray(of_bits), np.log(2) * np.asarray(x - rounded), rtol=1e-6)


def test_beyond_its_range_an_activation_has_no_gradient() -> None:
    tf = require("tensorflow")
    x = tf.constant([[-1.0, 0.3], [0.3, 9.0]])
    quantiser = ActivationBits()
    quantiser(x)
    quantiser.peak.assign([1.9, 1.9])
    with tf.GradientTape() as watch:
        watch.watch(x)
        rounded = quantiser(x)
    np.testing.assert_array_equal(np.asarray(watch.gradient(rounded, x)), [[0, 1], [1, 0]])
    np.testing.assert_array_equal(np.asarray(rounded)[[0, 1], [0, 1]], [0, 2 - 2.0**-6])


def test_a_channel_without_bits_is_zero_and_can_come_back() -> None:
    tf = require("tensorflow")
    x = tf.constant([[0.9, 0.9]])
    quantiser = ActivationBits()
    quantiser(x)
    quantiser.peak.assign([0.9, 0.9])
    quantiser.fractional.assign([0.0, 3.0])
    with tf.GradientTape() as watch:
        rounded = quantiser(x)
    assert np.asarray(rounded).tolist() == [[0.0, 0.875]]
    assert np.asarray(quantiser.width()).tolist() == [0.0, 3.0]
    assert watch.gradient(rounded, quantiser.fractional.value)[0] > 0


def test_the_width_of_a_weight_ends_at_its_first_bit() -> None:
    values = np.array([0.0, 0.1, 0.25, 0.75, -3.0], np.float32)
    quantiser = WeightBits("layer", 2)
    quantiser(values)
    # 0, 0.1 -> 0, 0.01, 0.11, 11.00
    assert np.asarray(quantiser.width(values)).tolist() == [0, 0, 1, 2, 4]


def test_the_largest_value_fades_and_is_never_smaller_than_the_last() -> None:
    quantiser = ActivationBits(signed=True)
    quantiser(np.array([[8.0, -1.0]], np.float32), training=True)
    quantiser(np.array([[1.0, -2.0]], np.float32), training=True)
    np.testing.assert_allclose(np.asarray(quantiser.peak), [8 * 0.999, 2], rtol=1e-6)


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(ConfigError, match="'chanel' is not known"):
        WeightBits("chanel")
    with pytest.raises(ConfigError, match="received 11"):
        WeightBits(fractional=11)
    with pytest.raises(ConfigError, match="per 'layer' or 'channel'"):
        ActivationBits(granularity="weight")
