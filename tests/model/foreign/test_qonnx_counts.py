from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_words import all_words
from qonnx_toy import LINK, Toy, check

from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model.builder import NetworkBuilder
from l1ml.model.foreign import read_qonnx
from l1ml.model.foreign.qonnx_call import Call, Line
from l1ml.model.foreign.qonnx_counts import add_counts, add_signs
from l1ml.model.foreign.qonnx_file import Node
from l1ml.model.operations import Scale

pytest.importorskip("onnx", reason="the extra onnx is not installed")

NODE = Node("Quant", "quant", (), "y", {})
NUMBERS = st.floats(-40, 40, width=32).map(Fraction)
ROUNDINGS = {
    Rounding.RND_CONV: round,
    Rounding.TRN: lambda value: value.numerator // value.denominator,
    Rounding.TRN_ZERO: int,
    Rounding.RND_INF: lambda value: int(abs(value) + Fraction(1, 2)) * (1 if value >= 0 else -1),
}


def quantised(r: Fraction, o: Fraction, format_: FixedPoint | None, shift: int) -> tuple[np.ndarray, list[Fraction]]:
    """What the integers give for all words of 7 bits, times ``2**-shift``, on a line; and the numbers themselves."""
    builder = NetworkBuilder([FixedPoint(7, 7)])
    stage = builder.add("scale", Scale(np.array([shift])), 0)
    call = Call(builder, NODE)
    line = Line.of(1, r, o)
    if format_ is None:
        add_signs(call, line, stage)
    else:
        add_counts(call, line, stage, format_)
    words = np.arange(-64, 64)
    found = all_words(builder.build(), words[:, None])[:, 0]
    return found, [r * int(word) * Fraction(2) ** -shift + o for word in words]


@given(NUMBERS, NUMBERS, st.sampled_from(list(ROUNDINGS)), st.tuples(st.integers(1, 8), st.booleans()), st.integers(-3, 6))
def test_counts_are_those_of_exact_arithmetic(
    r: Fraction, o: Fraction, mode: Rounding, bits: tuple[int, bool], shift: int
) -> None:
    width, signed = bits
    format_ = FixedPoint(width + signed, width + signed, signed, mode, Overflow.SAT)
    found, numbers = quantised(r, o, format_, shift)
    expected = np.clip([ROUNDINGS[mode](number) for number in numbers], format_.min_word, format_.max_word)
    np.testing.assert_array_equal(found, expected)


@given(st.sampled_from([Fraction(1, 3), Fraction(-5, 3), Fraction(1, 7)]), st.integers(-9, 9), st.sampled_from(list(ROUNDINGS)))
def test_words_right_between_two_counts_are_compared(r: Fraction, n: int, mode: Rounding) -> None:
    format_ = FixedPoint(5, 5, True, mode, Overflow.SAT)
    found, numbers = quantised(r, r / 2 * n, format_, 0)
    np.testing.assert_array_equal(found, np.clip([ROUNDINGS[mode](number) for number in numbers], -16, 15))


@given(NUMBERS, NUMBERS, st.integers(-3, 6))
def test_signs_are_those_of_exact_arithmetic(r: Fraction, o: Fraction, shift: int) -> None:
    found, numbers = quantised(r, o, None, shift)
    np.testing.assert_array_equal(found, [1 if number >= 0 else -1 for number in numbers])


def test_a_word_right_between_two_counts_is_refused_if_the_factor_has_no_end() -> None:
    with pytest.raises(ConversionError, match="a word lies between two counts and the scale has no finite number of bits"):
        quantised(Fraction(4, 3), Fraction(1, 6), FixedPoint(9, 9, True, Rounding.RND_CONV, Overflow.SAT), 0)
    # with a finite one it is what the rounding says
    found, numbers = quantised(Fraction(1, 2), Fraction(0), FixedPoint(4, 4, True, Rounding.RND_CONV, Overflow.SAT), 0)
    assert found[64:68].tolist() == [round(number) for number in numbers[64:68]] == [0, 0, 1, 2]


def test_too_many_words_are_refused() -> None:
    call = Call(NetworkBuilder([FixedPoint(32, 32)]), NODE)
    with pytest.raises(ConversionError, match="Quant of 24 bits with a scale that is no power of two, at "):
        add_counts(call, Line.of(1, Fraction(1, 3)), 0, FixedPoint(24, 24))


def test_scales_that_are_no_powers_of_two_move_to_the_next_quantiser(tmp_path: Path, rng: np.random.Generator) -> None:
    toy = Toy()
    hidden = toy.quant("x", 0.23, 5, rounding_mode="FLOOR")
    weights = toy.weights(rng.normal(0, 0.7, (4, 3)), [[0.13], [0.07], [0.31], [0.11]], 3)
    dense = toy.node("Gemm", hidden, weights, toy.constant([0.1, -0.3, 0.7, 0.0]), transB=1)
    norm = [toy.constant(item) for item in ([1.1, -0.7, 0.3, 2], [0.3, 0.1, 0, -1], [0.2, 0, 0.4, -0.1], [0.5, 2, 1, 3])]
    hidden = toy.quant(toy.node("BatchNormalization", dense, *norm), [[0.19, 0.5, 0.21, 0.27]], 4)
    signs = toy.quant(toy.node("Sub", toy.node("Div", hidden, toy.constant(3.0)), toy.constant(0.1)), 0.7, 1)
    network = check(toy.write(tmp_path / "a.onnx", toy.node("Concat", hidden, signs, axis=1), 8), rng, n=200)
    # no scale is in the network but in front of a quantiser and at the end, and no word has more bits than it needs
    kinds = [type(node.operation).__name__ for node in network.nodes]
    assert kinds == ["Scale", "Affine", "Quantise", "Dense", "Affine", "Quantise", "Affine", "Steps", "Concatenate", "Affine"]
    assert network.stages[4].format.width <= 10


@pytest.mark.parametrize("same", [True, False])
def test_sums_of_numbers_with_scales(same: bool, tmp_path: Path, rng: np.random.Generator) -> None:
    toy = Toy()
    first, second = toy.quant("x", 0.23, 4), toy.quant("x", 0.23 if same else 0.31, 3)
    both = toy.node("Relu", toy.node("Sub", first, toy.node("Abs", second)))
    network = check(toy.write(tmp_path / "a.onnx", toy.quant(both, 0.29, 5), 3), rng, n=200)
    assert (max(stage.format.width for stage in network.stages[:-1]) < 20) is same


def test_one_scale_for_all_classes_does_not_change_the_largest(tmp_path: Path, rng: np.random.Generator) -> None:
    toy = Toy()
    dense = toy.node("MatMul", toy.quant("x", 0.23, 5), toy.weights(rng.normal(0, 0.7, (3, 4)), 0.13, 5))
    path = toy.write(tmp_path / "a.onnx", toy.node("Add", dense, toy.constant(0.3)), 4)
    network = read_qonnx(path, LINK, output="argmax")
    assert [type(node.operation).__name__ for node in network.nodes[-2:]] == ["Dense", "ArgMax"]
    with pytest.raises(ConversionError, match=r"of more than 40 bits .* also output='argmax'"):
        read_qonnx(path, LINK, output="logits")


def test_shapes_that_are_computed(tmp_path: Path, rng: np.random.Generator) -> None:
    toy = Toy(shape=(1, 2, 3))
    first = toy.node("Gather", toy.node("Shape", "x"), toy.constant(0, np.int64), axis=0)
    batch = toy.node("Unsqueeze", first, toy.constant([0], np.int64))
    shape = toy.node("Concat", batch, toy.constant([-1], np.int64), axis=0)
    row = toy.node("Reshape", "x", shape)
    check(toy.write(tmp_path / "a.onnx", toy.node("MatMul", row, toy.weights(rng.normal(0, 1, (6, 2)), 1 / 4, 4)), 2), rng)
