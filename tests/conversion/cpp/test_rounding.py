from __future__ import annotations

from itertools import product
from pathlib import Path

import cpp_toy
import numpy as np
import pytest

from l1ml.conversion.cpp.rounding import quantise_lines
from l1ml.hardware import FixedPoint, Overflow, Rounding
from l1ml.model import Network
from l1ml.model.builder import NetworkBuilder
from l1ml.model.operations import Affine, Concatenate, Quantise, Scale, Stage, Steps

SANITIZE = ("-O0", "-fsanitize=undefined")
MODES = list(product(Rounding, Overflow))
NARROW = ((4, 3), (7, 9), (12, 8), (1, 2))


def quantisers(width: int, targets: tuple[tuple[int, int], ...], factor: int = 1) -> Network:
    """One word of `width` bits, four of them behind the point, times `factor`, through each mode to each target format."""
    builder = NetworkBuilder([FixedPoint(width, width)])
    word = builder.add("shift", Scale(np.array([4])), 0)
    if factor > 1:
        word = builder.add("wide", Affine(np.array([factor]), 0, np.array([1]), 4), word)
    parts = []
    for (bits, integer), signed, (rounding, overflow) in product(targets, (True, False), MODES):
        parts.append(builder.add("q", Quantise(FixedPoint(bits, integer, signed, rounding, overflow)), word))
    builder.add("all", Concatenate(), *parts)
    return builder.build()


def test_every_mode_on_every_word(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    network = quantisers(9, NARROW)
    (function,) = cpp_toy.functions([network], tmp_path, *SANITIZE)
    words = np.arange(-256, 256, dtype=np.int32)[:, None]
    np.testing.assert_array_equal(function(words), cpp_toy.all_words(network, words))
    assert "runtime error" not in capfd.readouterr().err


def test_every_mode_on_words_of_60_bits(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    networks = [quantisers(31, targets, 1 << 29) for targets in (((60, 56),), ((59, 57),), ((33, 50),), ((20, 62),))]
    cpp_toy.check(networks, tmp_path, *SANITIZE)
    assert "runtime error" not in capfd.readouterr().err


@pytest.mark.parametrize("mode", Rounding)
def test_a_shift_beyond_the_word_still_rounds_it(tmp_path: Path, mode: Rounding) -> None:
    builder = NetworkBuilder([FixedPoint(6, 6)])
    parts = [builder.add("q", Quantise(FixedPoint(4, 4 + shift, True, mode, Overflow.SAT)), 0) for shift in (5, 6, 7, 8, 40)]
    builder.add("all", Concatenate(), *parts)
    words = np.arange(-32, 32, dtype=np.int32)[:, None]
    (function,) = cpp_toy.functions([builder.build()], tmp_path)
    np.testing.assert_array_equal(function(words), cpp_toy.all_words(builder.build(), words))


def test_a_limit_that_no_word_reaches_is_left_out() -> None:
    target = Quantise(FixedPoint.parse("ap_fixed<8,8,AP_RND,AP_SAT>"))

    def text(low: int, high: int) -> str:
        before = Stage(2, np.array([low]), np.array([high]))
        return "\n".join(quantise_lines(target, before, target.bound(before)))

    assert "> 127" not in text(-600, 500)
    assert "< -128" in text(-600, 500)
    assert "?" not in text(-512, 509)
    assert "> 127" in text(-512, 510)  # 127.5 becomes 128


@pytest.mark.parametrize("n_thresholds", [1, 2, 24, 25, 31, 32, 300])
def test_steps_of_any_number(tmp_path: Path, n_thresholds: int) -> None:
    rng = np.random.default_rng(n_thresholds)
    thresholds = np.sort(rng.choice(np.arange(-700, 700), n_thresholds, replace=False))
    steps = Steps(thresholds, 2, rng.integers(-(2**40), 2**40, n_thresholds + 1), 3)
    network = Network([FixedPoint(8, 8)], [Scale(np.array([1])), steps])
    words = np.arange(-128, 128, dtype=np.int32)[:, None]
    (function,) = cpp_toy.functions([network], tmp_path)
    np.testing.assert_array_equal(function(words), cpp_toy.all_words(network, words))


def test_steps_that_no_word_reaches_are_constants(tmp_path: Path) -> None:
    values = np.array([5, -7])
    networks = [Network([FixedPoint(4, 4)], [Steps(np.array([at]), 0, values, 0)]) for at in (100, -100)]
    cpp_toy.check(networks, tmp_path)
