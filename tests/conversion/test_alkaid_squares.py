"""Squares that are no products: exact words, and where each form is taken."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import numpy as np
import projects
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, rtl_project
from l1ml.conversion.rtl_attributes import without_dsp
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint

alkaid = require("alkaid.trace")
squares = require("l1ml.conversion.alkaid_squares")

_HARDWARE = alkaid.HWConfig(1, 1, -1)
_MULTIPLICATION = 7

kifs = st.tuples(st.integers(0, 1), st.integers(-2, 9), st.integers(-2, 9)).filter(lambda kif: 1 <= sum(kif) <= 11)
factors = st.sampled_from([1.0, -1.0, 0.25, -8.0, 3.0, -0.75])
offsets = st.tuples(st.integers(-20, 20), st.integers(0, 3)).map(lambda pair: pair[0] * 2.0 ** -pair[1])


def traced(source: FixedPoint, factor: float = 1.0, offset: float = 0.0) -> tuple[Any, Any]:
    """All values of `source`, scaled and moved, and the logic of their squares."""
    words = alkaid.FVArrayInput((1,), _HARDWARE)
    link = words.quantize(*np.array(source.kif)[:, None], "WRAP", "TRN")
    moved = link * factor + offset if offset else link * factor
    items = np.array([squares.squared(np.asarray(moved).ravel()[0])], dtype=object)
    logic = alkaid.trace(words, alkaid.FVArray(items, moved.solver_options, hwconf=_HARDWARE))
    return source.from_words(np.arange(source.min_word, source.max_word + 1)), logic


def n_products(logic: Any) -> int:
    return sum(operation.opcode == _MULTIPLICATION for operation in logic.ops)


@settings(max_examples=150, deadline=None)
@given(source=kifs, factor=factors, offset=offsets)
def test_every_word_of_a_format_is_squared_exactly(source: tuple[int, int, int], factor: float, offset: float) -> None:
    values, logic = traced(FixedPoint.from_kif(*source), factor, offset)
    np.testing.assert_array_equal(logic.predict(values[:, None])[:, 0], (values * factor + offset) ** 2)


@pytest.mark.parametrize(("width", "products"), [(4, 0), (squares.TABLE_BITS, 0), (squares.TABLE_BITS + 1, 1), (17, 2)])
def test_a_narrow_square_needs_no_product_and_a_wide_one_few_short_ones(width: int, products: int) -> None:
    _, logic = traced(FixedPoint(width, width))
    assert n_products(logic) == products


@pytest.mark.parametrize(("language", "name"), [("verilog", "multiplier.v"), ("vhdl", "multiplier.vhd")])
def test_the_multiplier_says_that_it_is_logic_unless_dsp_blocks_are_asked_for(language: str, name: str) -> None:
    def texts(**choice: bool) -> tuple[str, str]:
        files = rtl_project(projects.small_model(), ConversionConfig(rtl_language=language, **choice)).files
        return next(content for path, content in files.items() if path.name == name).decode(), files[
            PurePosixPath("Makefile")
        ].decode()

    multiplier, makefile = texts()
    assert "use_dsp" in multiplier
    assert "-nodsp" in makefile
    multiplier, makefile = texts(use_dsp=True)
    assert "use_dsp" not in multiplier
    assert "-nodsp" not in makefile


def test_a_multiplier_of_another_alkaid_is_refused() -> None:
    with pytest.raises(ConversionError, match=r"multiplier\.v is not the multiplier of alkaid 0\.8\.2"):
        without_dsp(PurePosixPath("src/static/multiplier.v"), b"module mul (input a);\nendmodule\n")
