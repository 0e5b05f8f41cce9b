from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from l1ml.errors import ConversionError
from l1ml.model.dyadic import power_of_two_shift
from l1ml.model.quantisers import read_quantiser

qkeras = pytest.importorskip("qkeras")


@pytest.mark.parametrize("bits", [2, 4, 7])
@pytest.mark.parametrize("integer", [0, 2, 5])
@pytest.mark.parametrize("symmetric", [0, 1])
@pytest.mark.parametrize("keep_negative", [True, False])
def test_quantized_bits_is_its_format(bits: int, integer: int, symmetric: int, keep_negative: bool) -> None:
    quantiser = qkeras.quantized_bits(bits, integer, symmetric, keep_negative=keep_negative, alpha=1)
    check(quantiser)


@pytest.mark.parametrize("bits", [1, 4, 8])
@pytest.mark.parametrize("integer", [0, 2, 5])
def test_quantized_relu_is_its_format(bits: int, integer: int) -> None:
    check(qkeras.quantized_relu(bits, integer))


def check(quantiser: Any) -> None:
    """All halves, quarters and eighths of the last bit around and beyond the range."""
    format_ = read_quantiser(quantiser)
    step = format_.lsb / 8
    values = np.arange(2 * min(format_.min, -1) - 1, 2 * format_.max + 1, step)[:200_000].astype(np.float32)
    np.testing.assert_array_equal(np.asarray(quantiser(values), np.float64), format_.quantize(values))


REFUSED = {
    "quantized_bits with alpha='auto'": lambda: qkeras.quantized_bits(8, 2, alpha="auto"),
    "quantized_bits with alpha=0.3": lambda: qkeras.quantized_bits(8, 2, alpha=0.3),
    "stochastic rounding": lambda: qkeras.quantized_bits(8, 2, alpha=1, use_stochastic_rounding=True),
    "a sign function": lambda: qkeras.quantized_bits(1, 0, alpha=1),
    "negative_slope=0.25": lambda: qkeras.quantized_relu(8, 2, negative_slope=0.25),
    "use_sigmoid": lambda: qkeras.quantized_relu(8, 2, use_sigmoid=1),
    "'quantized_tanh'": lambda: qkeras.quantized_tanh(8),
    "'relu'": lambda: __import__("keras").activations.relu,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_fixed_point_meaning_is_refused_by_name(name: str) -> None:
    with pytest.raises(ConversionError) as caught:
        read_quantiser(REFUSED[name](), "layer 'x'")
    assert name in str(caught.value)
    assert str(caught.value).startswith("layer 'x': ")
    assert "use" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_powers_of_two() -> None:
    np.testing.assert_array_equal(power_of_two_shift([1.0, 0.5, 4.0, 2.0**-9], "x"), [0, 1, -2, 9])
    for wrong in (0.3, 0.0, -0.5):
        with pytest.raises(ConversionError, match="powers of two"):
            power_of_two_shift([wrong], "layer 'x'")


def test_a_look_alike_is_not_taken_for_a_quantiser() -> None:
    with pytest.raises(ConversionError, match="'SimpleNamespace' has no fixed-point meaning"):
        read_quantiser(SimpleNamespace(bits=8))
