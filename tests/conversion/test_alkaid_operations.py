from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network_strategy import branched_networks

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, rtl
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model import Network
from l1ml.model.operations import Affine, ArgMax, Dense, Maximum, Operation, Scale, Steps

require("keras")
alkaid = require("alkaid.trace")
plugin = require("l1ml.conversion.alkaid_operations")

_HARDWARE = alkaid.HWConfig(1, 1, -1)

kifs = st.tuples(st.integers(0, 1), st.integers(-1, 5), st.integers(-1, 5)).filter(lambda kif: 1 <= sum(kif) <= 8)
targets = st.tuples(st.integers(0, 1), st.integers(-1, 5), st.integers(-2, 5)).filter(lambda kif: sum(kif) > kif[0])
offsets = st.tuples(st.integers(-20, 20), st.integers(0, 4)).map(lambda pair: pair[0] * 2.0 ** -pair[1])


def replay(source: FixedPoint, target: FixedPoint, offset: float, *, rectified: bool = False) -> tuple[Any, Any]:
    """All values of `source` plus `offset`, and what the traced logic makes of them."""
    k, i, f = (np.array([value]) for value in source.kif)
    words = alkaid.FVArrayInput((1,), _HARDWARE)
    link = words.quantize(k, i, f, "WRAP", "TRN")
    logic = alkaid.trace(words, plugin.apply_format(link + offset if offset else link, target, rectified=rectified))
    values = source.from_words(np.arange(source.min_word, source.max_word + 1))
    return values + offset, logic.predict(values[:, None])[:, 0]


@settings(max_examples=300, deadline=None)
@given(
    source=kifs,
    target=targets,
    offset=offsets,
    rounding=st.sampled_from([Rounding.RND_CONV, Rounding.TRN]),
    overflow=st.sampled_from([Overflow.SAT, Overflow.SAT_SYM]),
    rectified=st.booleans(),
)
def test_a_quantiser_gives_the_words_of_its_format(
    source: tuple[int, int, int],
    target: tuple[int, int, int],
    offset: float,
    rounding: Rounding,
    overflow: Overflow,
    *,
    rectified: bool,
) -> None:
    format_ = FixedPoint.from_kif(*target, rounding, overflow)
    values, found = replay(FixedPoint.from_kif(*source), format_, offset, rectified=rectified)
    np.testing.assert_array_equal(found, format_.quantize(values))


@pytest.mark.parametrize(
    ("source", "target", "offset"),
    [
        ((1, 0, 3), (1, 4, 3), 0.0625),  # an odd constant: every value is a tie
        ((0, -1, 2), (0, 3, 0), 6.0),  # the rounded value is a constant on a coarser grid
        ((1, 0, 1), (1, 4, -2), -2.375),  # the floor of a negative value is one count below all its bits
    ],
)
def test_cases_that_alkaid_itself_rounds_to_other_words(
    source: tuple[int, int, int], target: tuple[int, int, int], offset: float
) -> None:
    format_ = FixedPoint.from_kif(*target, Rounding.RND_CONV, Overflow.SAT)
    values, found = replay(FixedPoint.from_kif(*source), format_, offset)
    np.testing.assert_array_equal(found, format_.quantize(values))


@settings(max_examples=120, deadline=None)
@given(branched_networks())
def test_a_network_gives_the_words_of_the_integers(network: Network) -> None:
    words = random_words(network.input_formats, 400, np.random.default_rng(1))
    expected = network.output_format.from_words(IntegerEmulator(network).predict(words))
    if network.stages[-1].is_constant:
        return
    logic = rtl._trace(network, ConversionConfig())
    np.testing.assert_array_equal(logic.predict(words.astype(np.float64))[:, 0], expected)


@pytest.mark.parametrize("operation", [Maximum(), Maximum(3), ArgMax(), ArgMax(2)])
def test_the_larger_of_words_whose_difference_has_no_sign(operation: Operation) -> None:
    """Words of one kernel and other biases: alkaid proves which is larger, and takes the top bit of what is left for a sign."""
    formats = (FixedPoint(5, 5, False), FixedPoint(4, 4), FixedPoint(2, 2))
    dense = Dense(np.array([[-3, -3]]), 2, np.array([-2, -5]), 1, 3)
    network = Network(formats, (Scale(np.array([-2, 4, 9])), dense, operation))
    words = random_words(formats, 1000, np.random.default_rng(1))
    expected = network.output_format.from_words(IntegerEmulator(network).predict(words))
    found = rtl._trace(network, ConversionConfig()).predict(words.astype(np.float64))
    np.testing.assert_array_equal(found.reshape(expected.shape), expected)


@pytest.mark.parametrize("kernel", ["above the diagonal", "random"])
@pytest.mark.parametrize("factor", [1, -1])
def test_sums_of_many_bits_are_right_for_bits_that_are_one_minus_another(kernel: str, factor: int) -> None:
    rng = np.random.default_rng(1)
    n = 14
    weights = np.triu(np.ones((n, n), np.int64), 1) if kernel != "random" else rng.integers(-3, 4, (n, n))
    zeros, ones = np.zeros(n, np.int64), np.ones(n, np.int64)
    bits = Affine(factor * ones, 0, ones if factor < 0 else zeros, 0)
    network = Network((FixedPoint(1, 1, signed=False),) * n, (bits, Dense(weights, 0, zeros, 0)))
    logic = rtl._trace(network, ConversionConfig())
    words = rng.integers(0, 2, (500, n)).astype(np.int32)
    found = logic.predict(words.astype(np.float64))
    np.testing.assert_array_equal(found, IntegerEmulator(network).predict(words))


@settings(max_examples=100, deadline=None)
@given(
    word=st.tuples(st.booleans(), st.integers(1, 10)),
    thresholds=st.sets(st.integers(-130, 260), min_size=1, max_size=12),
    shift=st.integers(-2, 2),
    seed=st.integers(0, 99),
)
def test_steps_are_compared_or_looked_up_alike(word: tuple[bool, int], thresholds: set[int], shift: int, seed: int) -> None:
    """Also of a shifted word, and of one whose table is constant."""
    signed, width = word
    format_ = FixedPoint(width + signed, width + signed, signed=signed)
    values = np.random.default_rng(seed).integers(-40, 40, len(thresholds) + 1)
    steps = Steps(np.array(sorted(thresholds)), 0, values, 1)
    network = Network([format_], [Scale(np.array([shift])), Affine(np.ones(1, np.int64), 0, np.ones(1, np.int64), 1), steps])
    words = np.arange(format_.min_word, format_.max_word + 1)[:, None]
    logic = rtl._traced(network, ConversionConfig())
    expected = network.output_format.from_words(IntegerEmulator(network).predict(words))
    np.testing.assert_array_equal(
        logic.predict(words.astype(np.float64)).reshape(len(words), -1), expected.reshape(len(words), -1)
    )
