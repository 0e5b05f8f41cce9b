from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from network_strategy import networks

from l1ml.emulation import IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConversionError, SchemaError
from l1ml.hardware import FixedPoint
from l1ml.model.network import Network
from l1ml.model.operations import Dense, Quantise, Scale, Square


def exact_scores(network: Network, words: np.ndarray) -> list[int]:
    """The network in rational arithmetic, one crossing at a time: slow, obvious, independent."""
    scores = []
    for row in words.tolist():
        values = [Fraction(word) for word in row]
        for operation in network.operations:
            match operation:
                case Scale():
                    values = [value / Fraction(2) ** int(shift) for value, shift in zip(values, operation.shift, strict=True)]
                case Quantise():
                    fine = FixedPoint(62, 62 - 30)
                    given = [int(value * 2**30) for value in values]
                    assert all(Fraction(word, 2**30) == value for word, value in zip(given, values, strict=True))
                    quantised = operation.format.requantize(given, fine)
                    values = [Fraction(int(word)) / Fraction(2) ** operation.format.fractional for word in quantised]
                case Dense():
                    kernel, bias = operation.kernel.tolist(), operation.bias.tolist()
                    k, b = Fraction(2) ** operation.kernel_fractional, Fraction(2) ** operation.bias_fractional
                    values = [
                        sum(value * row_[j] for value, row_ in zip(values, kernel, strict=True)) / k + bias[j] / b
                        for j in range(len(bias))
                    ]
                case Square():
                    values = [value * value for value in values]
        word = values[0] * Fraction(2) ** network.output_format.fractional
        assert word.denominator == 1
        scores.append(int(word))
    return scores


@settings(max_examples=150, deadline=None)
@given(networks())
def test_the_emulator_is_exact(network: Network) -> None:
    words = random_words(network.input_formats, 60, np.random.default_rng(1))
    scores = IntegerEmulator(network).predict(words)
    assert scores.tolist() == exact_scores(network, words)
    assert network.output_format.contains(scores).all()


@settings(max_examples=50, deadline=None)
@given(networks())
def test_plain_values_hold_everything(network: Network) -> None:
    again = Network.from_dict(json.loads(json.dumps(network.to_dict())))
    assert again.digest == network.digest
    words = random_words(network.input_formats, 30, np.random.default_rng(2))
    np.testing.assert_array_equal(IntegerEmulator(again).predict(words), IntegerEmulator(network).predict(words))


def one_layer(kernel: int, width: int = 12) -> Network:
    zero = np.zeros(1, np.int64)
    return Network((FixedPoint(width, width),), (Dense(np.array([[kernel]]), 0, zero, 0),))


@pytest.mark.parametrize(("kernel", "carrier"), [(2**10, "float32"), (2**20, "float64"), (2**45, "int64")])
def test_the_carrier_follows_from_the_formats(kernel: int, carrier: str) -> None:
    emulator = IntegerEmulator(one_layer(kernel))
    assert emulator.carrier == carrier
    assert emulator.predict(np.array([[2047], [-2048]])).tolist() == [2047 * kernel, -2048 * kernel]


def test_partial_sums_count_for_the_carrier() -> None:
    """2**24 - 2**24 + 1 is 1, but float32 would lose the 1 on the way."""
    formats = (FixedPoint(13, 13, False),) * 3
    network = Network(formats, (Dense(np.array([[2**12], [-(2**12)], [1]]), 0, np.zeros(1, np.int64), 0),))
    emulator = IntegerEmulator(network)
    assert emulator.carrier == "float64"
    assert emulator.predict(np.array([[4096, 4096, 1]])).tolist() == [1]


def test_an_accumulator_beyond_62_bits_is_refused() -> None:
    with pytest.raises(ConversionError, match="beyond 62 bits"):
        _ = one_layer(2**55).stages


def test_an_unknown_operation_is_refused() -> None:
    content = one_layer(1).to_dict()
    content["operations"][0]["kind"] = "softmax"
    with pytest.raises(SchemaError, match="unknown operation 'softmax'"):
        Network.from_dict(content)
