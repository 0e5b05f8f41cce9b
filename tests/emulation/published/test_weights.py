from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toy_sources import ToyNetwork, edit

from l1ml.emulation.published import PublishedNetwork
from l1ml.errors import ConversionError

TOY = ToyNetwork(np.array([16, 0, -16, 8, 1]), 0, 1)


def test_weights_of_zero_are_an_error_that_names_the_file(tmp_path: Path) -> None:
    folder = ToyNetwork(np.zeros(5, np.int64), 0, 1).write(tmp_path)
    with pytest.raises(ConversionError, match=r"weights/w2.h: all 5 values of toy_space::w2 are zero"):
        PublishedNetwork(folder)


def test_weights_that_their_type_rounds_to_zero_are_found(tmp_path: Path) -> None:
    edit(TOY.write(tmp_path), "firmware/defines.h", "typedef ap_fixed<8,4> weight2_t;", "typedef ap_fixed<8,8> weight2_t;")
    path = tmp_path / "firmware" / "weights" / "w2.h"
    path.write_text(path.read_text().replace("1.0000000000, 0.0000000000, -1.0000000000", "0.3, 0.2, 0.1"))
    with pytest.raises(ConversionError, match=r"weights/w2.h: all 5 values of toy_space::w2 are zero"):
        PublishedNetwork(tmp_path)


def test_a_truncated_table_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    edit(TOY.write(tmp_path), "firmware/weights/w2.h", ", 0.0625000000};", "};")
    with pytest.raises(ConversionError, match=r"weights/w2.h is truncated: it lists 4 of the 5 values of toy_space::w2"):
        PublishedNetwork(tmp_path)


def test_a_table_without_values_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = TOY.write(tmp_path) / "firmware" / "weights" / "w2.h"
    path.write_text("#pragma once\nnamespace toy_space {\nweight2_t w2[5];\n}\n")
    (path.parent / "w2.txt").write_text("1.0, 0.0, -1.0, 0.5, 0.0625")
    with pytest.raises(ConversionError, match=r"w2.h gives toy_space::w2\[5\] no values; weights in text files are not read"):
        PublishedNetwork(tmp_path)


def test_headers_without_guards_are_included_once(tmp_path: Path) -> None:
    path = TOY.write(tmp_path) / "firmware" / "weights" / "w2.h"
    path.write_text("namespace toy_space { weight2_t w2[5] = {1.0, 0.0, -1.0, 0.5, 0.0625}; }\n")
    words = np.array([[-5, 2, 3, 4, 500]])
    np.testing.assert_array_equal(PublishedNetwork(tmp_path).predict(words), TOY.scores(words))


def test_weights_read_at_run_time_do_not_compile(tmp_path: Path) -> None:
    edit(TOY.write(tmp_path), "firmware/toy.cpp", "#ifndef __SYNTHESIS__", "#if 1")
    with pytest.raises(ConversionError, match="l1ml_refuses_weights_that_are_read_at_run_time"):
        PublishedNetwork(tmp_path)


def test_a_bias_may_be_zero(tmp_path: Path) -> None:
    words = np.array([[1, 2, 3, 4, 5]])
    np.testing.assert_array_equal(PublishedNetwork(TOY.write(tmp_path)).predict(words), TOY.scores(words))


def test_a_table_may_be_cleared_in_the_short_form(tmp_path: Path) -> None:
    edit(
        TOY.write(tmp_path),
        "firmware/weights/b2.h",
        "bias2_t b2[1] = {0.0000000000};",
        "bias2_t b2[1] = {};\nstatic int spare[3] = {0};",
    )
    words = np.array([[1, 2, 3, 4, 5]])
    np.testing.assert_array_equal(PublishedNetwork(tmp_path).predict(words), TOY.scores(words))
