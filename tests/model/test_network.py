from __future__ import annotations

import json
import operator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from network_strategy import branched_networks, networks

from l1ml.emulation import IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConversionError, SchemaError
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.network import Network
from l1ml.model.operations import (
    Absolute,
    Add,
    Affine,
    ArgMax,
    Concatenate,
    Dense,
    Gather,
    Maximum,
    Operation,
    Product,
    Quantise,
    Scale,
    Square,
    Steps,
)


def exact_scores(network: Network, words: np.ndarray) -> list[int]:
    """The network in rational arithmetic, one crossing at a time: slow, obvious, independent."""
    scores = []
    for row in words.tolist():
        stages = [[Fraction(word) for word in row]]
        for node in network.nodes:
            stages.append(exact_values(node.operation, *(stages[index] for index in node.sources)))
        word = stages[-1][0] * Fraction(2) ** network.output_format.fractional
        assert word.denominator == 1
        scores.append(int(word))
    return scores


def exact_values(operation: Operation, *sources: list[Fraction]) -> list[Fraction]:
    """One operation in rational arithmetic."""
    match operation:
        case Add(sign):
            return [a + sign * b for a, b in zip(*sources, strict=True)]
        case Product():
            return [a * b for a, b in zip(*sources, strict=True)]
        case Concatenate():
            return [value for source in sources for value in source]
        case Dense() | Affine() | Scale():
            return linear_values(operation, *sources)
    return chosen_values(operation, *sources)


def linear_values(operation: Operation, values: list[Fraction]) -> list[Fraction]:
    match operation:
        case Scale():
            return [value / Fraction(2) ** int(shift) for value, shift in zip(values, operation.shift, strict=True)]
        case Affine(factor, k, offset, b):
            products = [value * times / Fraction(2) ** k for value, times in zip(values, factor.tolist(), strict=True)]
        case Dense(kernel, k, offset, b):
            columns = kernel.T.tolist()
            rows = in_groups(values, operation.positions)
            products = [sum(map(operator.mul, row, column)) / Fraction(2) ** k for row in rows for column in columns]
            offset = np.tile(offset, operation.positions)
    return [value + plus / Fraction(2) ** b for value, plus in zip(products, offset.tolist(), strict=True)]


def in_groups(values: list[Fraction], groups: int) -> list[list[Fraction]]:
    size = len(values) // groups
    return [values[start : start + size] for start in range(0, len(values), size)]


def chosen_values(operation: Operation, values: list[Fraction]) -> list[Fraction]:
    results: list[Fraction] = []
    match operation:
        case Quantise():
            fractional = max(value.denominator.bit_length() for value in values) - 1
            given = [int(value * 2**fractional) for value in values]
            assert all(Fraction(word, 2**fractional) == value for word, value in zip(given, values, strict=True))
            width = 1 + max(abs(word).bit_length() for word in given)
            quantised = operation.format.requantize(given, FixedPoint(width, width - fractional))
            results = [Fraction(int(word)) / Fraction(2) ** operation.format.fractional for word in quantised]
        case Steps(thresholds, fractional, levels, level_fractional):
            edges = [Fraction(item) / Fraction(2) ** fractional for item in thresholds.tolist()]
            reached = [int(levels[sum(value >= edge for edge in edges)]) for value in values]
            results = [Fraction(level) / Fraction(2) ** level_fractional for level in reached]
        case Square():
            results = [value * value for value in values]
        case Absolute():
            results = [abs(value) for value in values]
        case Maximum(groups):
            results = [max(group) for group in in_groups(values, groups)]
        case ArgMax(groups):
            results = [Fraction(group.index(max(group))) for group in in_groups(values, groups)]
        case Gather(index):
            results = [values[place] if place >= 0 else Fraction(0) for place in index.tolist()]
    return results


@settings(max_examples=150, deadline=None)
@given(networks() | branched_networks())
def test_the_emulator_is_exact(network: Network) -> None:
    words = random_words(network.input_formats, 60, np.random.default_rng(1))
    scores = IntegerEmulator(network).predict(words)
    assert scores.tolist() == exact_scores(network, words)
    assert network.output_format.contains(scores).all()


@settings(max_examples=50, deadline=None)
@given(networks() | branched_networks())
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
    assert emulator.proofs[0].carrier == carrier
    assert emulator.predict(np.array([[2047], [-2048]])).tolist() == [2047 * kernel, -2048 * kernel]


def test_partial_sums_count_for_the_carrier() -> None:
    """2**24 - 2**24 + 1 is 1, but float32 would lose the 1 on the way."""
    formats = (FixedPoint(13, 13, False),) * 3
    network = Network(formats, (Dense(np.array([[2**12], [-(2**12)], [1]]), 0, np.zeros(1, np.int64), 0),))
    emulator = IntegerEmulator(network)
    assert emulator.proofs[0].carrier == "float64"
    assert emulator.predict(np.array([[4096, 4096, 1]])).tolist() == [1]


def test_an_accumulator_beyond_62_bits_is_refused() -> None:
    with pytest.raises(ConversionError, match="beyond 62 bits"):
        _ = one_layer(2**55).stages


def test_an_unknown_operation_is_refused() -> None:
    content = one_layer(1).to_dict()
    content["operations"][0]["kind"] = "softmax"
    with pytest.raises(SchemaError, match="unknown operation 'softmax'"):
        Network.from_dict(content)


def test_an_operation_cannot_read_what_comes_after_it() -> None:
    with pytest.raises(SchemaError, match=r"operation 0 reads stages \[1\]; it can read 0 \(the input\) to 0"):
        _ = Network((FixedPoint(4, 4),), (Absolute(),), ((1,),)).stages


def test_ranges_are_reached_and_never_left() -> None:
    """What is proven of steps, magnitudes and maxima is exactly what can happen."""
    formats = (FixedPoint(4, 4), FixedPoint(3, 3, False))
    steps = Steps(np.array([-3, 0, 5, 90]), 1, np.array([2, -1, 7, 3, 100]), 0)
    words = np.array([[a, b] for a in range(-8, 8) for b in range(8)])
    for operation in (steps, Absolute(), Maximum(), Maximum(2), ArgMax(), Gather(np.array([1, -1, 0, 1]))):
        stages = Network(formats, (operation,)).stages
        found = np.array([exact_values(operation, [Fraction(int(word)) for word in row]) for row in words])
        np.testing.assert_array_equal(found.min(axis=0), stages[1].low)
        np.testing.assert_array_equal(found.max(axis=0), stages[1].high)


def test_a_dead_network_is_known_by_name() -> None:
    asleep = Quantise(FixedPoint(3, 1, False, Rounding.RND_CONV, Overflow.SAT))
    below = Affine(np.array([1]), 0, np.array([-9]), 0)
    network = Network((FixedPoint(4, 4),), (below, asleep), (), ("below", "asleep"))
    assert network.dead == ("asleep",)


def test_a_channel_that_is_a_constant_makes_no_layer_dead() -> None:
    below = Affine(np.array([1, 1]), 0, np.array([-9, 0]), 0)
    asleep = Quantise(FixedPoint(3, 1, False, Rounding.RND_CONV, Overflow.SAT))
    split = (asleep, Gather(np.array([0])), asleep, Gather(np.array([1])), asleep, Concatenate())
    network = Network((FixedPoint(4, 4),) * 2, (below, *split), ((0,), (1,), (2,), (3,), (2,), (5,), (4, 6)))
    assert [stage.is_constant for stage in network.stages] == [False, False, False, True, True, False, False, False]
    assert network.dead == ()


@pytest.mark.parametrize(("width", "names"), [(17, ()), (20, ("quantiser",))])
def test_what_float32_cannot_hold_is_known_by_name(width: int, names: tuple[str, ...]) -> None:
    """A quantiser of 7 fractional bits, whose straight-through form needs them beside the bits of its input."""
    quantiser = Quantise(FixedPoint(9, 2, True, Rounding.RND_CONV, Overflow.SAT))
    assert Network((FixedPoint(width, width),), (quantiser,), (), ("quantiser",)).beyond_float32 == names
