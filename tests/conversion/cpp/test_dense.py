from __future__ import annotations

from pathlib import Path

import cpp_toy
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.conversion.cpp.dense import _groups, _Term, dense_function
from l1ml.conversion.cpp.integer_type import IntegerType
from l1ml.hardware import FixedPoint
from l1ml.model import Network
from l1ml.model.operations import Dense


def network(width: int, top: int, n_in: int = 40, n_out: int = 6, *, positions: int = 1, seed: int = 0) -> Network:
    """One dense layer of random weights up to `top` on words of `width` bits."""
    rng = np.random.default_rng(seed)
    kernel, bias = rng.integers(-top, top, (n_in, n_out), endpoint=True), rng.integers(-top, top, n_out, endpoint=True)
    formats = [FixedPoint(width - index % 2, width - index % 2, bool(index % 3)) for index in range(n_in * positions)]
    return Network(formats, [Dense(kernel, 0, bias, 0, positions)])


def ends(given: Network) -> np.ndarray:
    """Crossings that drive every sum to both of its ends, product by product."""
    (dense,) = given.operations
    assert isinstance(dense, Dense)
    low, high = given.stages[0].low, given.stages[0].high
    weights = np.tile(dense.kernel, (dense.positions, 1)).T
    return np.concatenate([np.where(weights > 0, high, low), np.where(weights > 0, low, high)]).astype(np.int32)


def text(given: Network) -> str:
    (operation,) = given.operations
    assert isinstance(operation, Dense)
    return dense_function("dense", operation, *given.stages)


CASES = {
    "16 bits": (5, 20),
    "32 bits, by sums of 16": (8, 31),
    "32 bits": (14, 900),
    "64 bits, by sums of 32": (20, 300),
    "64 bits": (31, 1 << 22),
}


@pytest.mark.parametrize("case", CASES)
def test_sums_reach_their_ends(case: str, tmp_path: Path) -> None:
    width, top = CASES[case]
    made = network(width, top, positions=1 if width > 20 else 3)
    (function,) = cpp_toy.functions([made], tmp_path)
    words = np.concatenate([ends(made), np.random.default_rng(1).permutation(ends(made).T).T])
    words = np.clip(words, made.stages[0].low, made.stages[0].high)
    np.testing.assert_array_equal(function(words), cpp_toy.all_words(made, words))


def test_one_large_weight_widens_nothing_but_its_own_product(tmp_path: Path) -> None:
    made = network(8, 31, n_in=200)
    (dense,) = made.operations
    assert isinstance(dense, Dense)
    dense.kernel[7] = 1 << 40
    assert "std::int64_t{static_cast<std::int32_t>(static_cast<std::int16_t>(" in text(made)
    (function,) = cpp_toy.functions([made], tmp_path, "-O0", "-fsanitize=undefined")
    np.testing.assert_array_equal(function(ends(made)), cpp_toy.all_words(made, ends(made)))


def test_long_sums_are_made_of_narrower_ones() -> None:
    assert "int32" not in text(network(5, 20))
    assert "static_cast<std::int16_t>" in text(network(8, 31))
    assert "static_cast<std::int16_t>" not in text(network(14, 900))
    assert "std::int64_t{static_cast<std::int32_t>" in text(network(20, 300, n_in=200))
    # two products of this size do not fit into 16 bits
    assert "static_cast<std::int16_t>" not in text(network(12, 15))


@given(st.lists(st.integers(1, 2**17), min_size=1, max_size=300))
def test_every_narrow_sum_fits_in_any_order(largest: list[int]) -> None:
    terms = [_Term(place, 1, value) for place, value in enumerate(largest)]
    groups = _groups(terms, IntegerType(16))
    assert [term for group in groups for term in group] == terms
    assert all(len(group) == 1 or sum(term.largest for term in group) <= 2**15 - 1 for group in groups)
