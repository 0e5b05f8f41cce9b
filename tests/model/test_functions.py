"""Functions with a quantiser behind them are tables, numbers are factors, offsets or bounds: the words of Keras, all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from l1ml._optional import require
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.extraction import extract_network, freeze
from l1ml.model.network import Network

keras, qkeras = require("keras"), require("qkeras")
ops = keras.ops
FORMATS = (FixedPoint(8, 8), FixedPoint(7, 7), FixedPoint(9, 9, False))
Function = Callable[[Any], Any]


def bits(width: int, integer: int, **options: Any) -> Any:
    return qkeras.quantized_bits(width, integer, **{"alpha": 1, **options})


def model_of(function: Function) -> Any:
    inputs = keras.Input((3,), name="words")
    x = keras.layers.Rescaling([2.0**-5, 2.0**-4, 2.0**-7], name="shift")(inputs)
    return keras.Model(inputs, function(qkeras.QActivation(bits(9, 2), name="rounded")(x)))


def check(function: Function) -> Network:
    model = model_of(function)
    freeze(model)
    network = extract_network(model, FORMATS)
    words = random_words(FORMATS, 4000, np.random.default_rng(5))
    values = np.asarray(model(words.astype(np.float32)), np.float64)
    found = IntegerEmulator(network).predict(words).reshape(values.shape)
    np.testing.assert_array_equal(network.output_format.from_words(found), values)
    assert len(np.unique(values)) > 1
    return network


def quantised(function: Function, quantiser: Any | None = None) -> Function:
    return lambda x: qkeras.QActivation(quantiser or bits(8, 2), name="behind")(function(x))


TABLES: dict[str, Function] = {
    "exp": quantised(ops.exp, bits(8, 3, keep_negative=False)),
    "expm1": quantised(ops.expm1),
    "log": quantised(lambda x: ops.log(ops.maximum(x, 2.0**-6))),
    "log1p": quantised(lambda x: ops.log1p(ops.abs(x)), bits(6, 2)),
    "sqrt": quantised(lambda x: ops.sqrt(ops.abs(x)), qkeras.quantized_relu(8, 2)),
    "rsqrt": quantised(lambda x: ops.rsqrt(ops.maximum(ops.abs(x), 0.25))),
    "reciprocal": quantised(lambda x: ops.reciprocal(ops.maximum(x, 0.375)), bits(8, 2, keep_negative=False)),
    "quotient": quantised(lambda x: 3.0 / (x + 4.25)),
    "sigmoid": quantised(ops.sigmoid, bits(6, 0, keep_negative=False)),
    "tanh": quantised(ops.tanh, bits(7, 0)),
    "softplus": quantised(ops.softplus),
    "sin": quantised(ops.sin, bits(6, 1)),
    "cos": quantised(ops.cos, bits(6, 1)),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_words_of_keras(name: str) -> None:
    check(TABLES[name])


NUMBERS: dict[str, Function] = {
    "add": lambda x: x + 0.75,
    "add_row": lambda x: x + np.array([0.5, -1.0, 2.0], np.float32),
    "subtract": lambda x: x - 1.25,
    "subtracted": lambda x: 1.25 - x,
    "multiply": lambda x: 2.5 * x,
    "divide": lambda x: x / 8.0,
    "maximum": lambda x: ops.maximum(x, 0.5),
    "maximum_of_all": lambda x: ops.maximum(x, -100.0),
    "minimum": lambda x: ops.minimum(x, -0.125),
    "bounds": lambda x: ops.minimum(ops.maximum(x, -1.0), 1.0),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_a_factor_an_offset_or_a_bound(name: str) -> None:
    check(NUMBERS[name])


def test_divergence() -> None:
    """``sum(mean**2 + exp(l) - l - 1)``, twice the Kullback-Leibler divergence from a normal distribution."""

    def twice_divergence(x: Any) -> Any:
        weights = {"kernel_quantizer": bits(4, 1), "bias_quantizer": bits(4, 1), "kernel_initializer": "ones"}
        mean, logarithm = (
            qkeras.QActivation(bits(7, 2), name=f"q_{name}")(qkeras.QDense(2, name=name, **weights)(x))
            for name in ("mu", "logvar")
        )
        variance = qkeras.QActivation(bits(9, 4, keep_negative=False), name="variance")(ops.exp(logarithm))
        return ops.sum(ops.square(mean) + variance - logarithm - 1.0, axis=-1, keepdims=True)

    network = check(twice_divergence)
    assert network.n_outputs == 1


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (ops.exp, r"Exp is read by nothing; a table needs one QActivation right behind it"),
        (lambda x: ops.exp(x) + 1.0, r"Exp is read by Add; a table needs one QActivation"),
        (quantised(ops.log), r"Log of -4\.0 is nan; keep that word out, with keras.ops.maximum"),
        (quantised(ops.exp, bits(6, 2, alpha=2.0)), r"quantized_bits with alpha=2.0"),
        (quantised(ops.exp, qkeras.quantized_tanh(5)), r"quantized_tanh"),
        (lambda x: x / ops.abs(x), r"Divide of two tensors; use keras.ops.reciprocal"),
        (lambda x: x + np.nan, r"Add with a constant that is NaN"),
        (lambda x: x / 3.0, r"a division by 3 has no fixed-point meaning; use powers of two"),
    ],
)
def test_refusals(function: Function, message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        extract_network(model_of(function), FORMATS)


def test_a_word_that_the_last_bits_decide_is_refused() -> None:
    # sigmoid(-1/64) = 63.5/128 + 8e-8: half a bit of a float32 away from a rounding edge of 7 bits, far from one of 6
    with pytest.raises(
        ConversionError, match=r"Sigmoid of -0\.015625 is decided by the last bits of a float; quantise to another"
    ):
        extract_network(model_of(quantised(ops.sigmoid, bits(7, 0, keep_negative=False))), FORMATS)


def test_a_range_that_no_table_holds_is_refused_before_it_is_written_down() -> None:
    function = quantised(lambda x: ops.exp(x * np.float32(2.0**23 + 1)))
    with pytest.raises(
        ConversionError, match=r"layer 'exp\w*': Exp and its quantiser of \d{10} different words; put a quantized_bits"
    ):
        extract_network(model_of(function), FORMATS)
