"""Every parameter of the activations: the integers are QKeras' own words, for every word that can arrive."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml._optional import require
from l1ml.emulation import IntegerEmulator
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model.activations import add_activation
from l1ml.model.builder import NetworkBuilder
from l1ml.model.operations import Scale
from l1ml.model.tabulation import tabulate

qkeras = require("qkeras")

powers = st.integers(-3, 3).map(lambda exponent: 2.0**exponent)
alphas = st.none() | powers
flags = st.sampled_from([0, 1])


@st.composite
def quantisers(draw: st.DrawFn) -> Any:
    bits, integer = draw(st.integers(2, 8)), draw(st.integers(-2, 5))
    one, other = bool(draw(flags)), draw(flags)
    slope = draw(st.sampled_from([0.0, 2.0, 1.0, 0.5, 0.25, 0.125]))
    makers = [
        lambda: qkeras.quantized_bits(bits, integer, other, keep_negative=one, alpha=draw(alphas)),
        lambda: qkeras.quantized_linear(bits - 1, integer, other, keep_negative=one, alpha=draw(alphas)),
        lambda: qkeras.quantized_relu(bits, float(integer), negative_slope=slope if slope * 2 ** (bits - 1) >= 1 else 0.0),
        lambda: qkeras.quantized_tanh(bits, symmetric=one, use_real_tanh=bool(other)),
        lambda: qkeras.quantized_sigmoid(bits - 1, symmetric=one, use_real_sigmoid=bool(other)),
        lambda: qkeras.binary(use_01=one, alpha=draw(powers)),
        lambda: qkeras.ternary(alpha=draw(powers), threshold=draw(st.none() | st.floats(0.05, 4.0))),
    ]
    return draw(st.sampled_from(makers))()


def check(quantiser: Any, source: FixedPoint) -> None:
    """All words of `source`, which is what the activation reads."""
    builder = NetworkBuilder([FixedPoint(source.width, source.width, source.signed)])
    stage = builder.add("grid", Scale(np.array([source.fractional])), 0)
    add_activation(builder, "activation", quantiser, stage, 1)
    network = builder.build()
    words = np.arange(source.min_word, source.max_word + 1)[:, None]
    found = network.output_format.from_words(IntegerEmulator(network).predict(words))
    values = source.from_words(words).astype(np.float32)
    np.testing.assert_array_equal(found, np.asarray(quantiser(values), np.float64)[:, 0])


@settings(max_examples=250, deadline=None)
@given(quantisers(), st.integers(2, 11), st.integers(-1, 7), st.booleans())
def test_every_word_is_that_of_keras(quantiser: Any, width: int, integer: int, signed: bool) -> None:
    check(quantiser, FixedPoint(width, integer, signed))


@pytest.mark.parametrize("mode", ["hard", "smooth", "real"])
@pytest.mark.parametrize("make", [lambda: qkeras.quantized_tanh(5), lambda: qkeras.quantized_sigmoid(5, symmetric=True)])
def test_the_sigmoid_is_the_one_that_qkeras_is_set_to(mode: str, make: Any) -> None:
    qkeras.set_internal_sigmoid(mode)
    try:
        check(make(), FixedPoint(9, 4))
    finally:
        qkeras.set_internal_sigmoid("hard")


def test_a_word_on_a_rounding_edge_of_float32_is_refused() -> None:
    builder = NetworkBuilder([FixedPoint(4, 4)])
    with pytest.raises(ConversionError, match=r"layer 'a': quantized_tanh of -8.0 is decided by the last bit of a float"):
        tabulate(builder, "a", qkeras.quantized_tanh(4, use_real_tanh=True), 0, lambda x: np.tanh(x) * 0.99)
