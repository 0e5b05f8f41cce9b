from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from l1ml.conversion.hls4ml_names import hls_names


def test_names_that_cpp_has_for_something_else_are_set_apart() -> None:
    names = ["dense_0", "error", "link", "words", "a-b", "a_b", "A_B", "0th", "Result"]
    expected = ["dense_0", "layer_error", "layer_link", "layer_words", "a_b", "a_b_2", "A_B_3", "layer_0th", "layer_Result"]
    assert hls_names(names) == expected


@given(st.lists(st.text(min_size=1, max_size=6), unique=True))
def test_every_name_is_one_of_cpp_and_no_two_are_equal(names: list[str]) -> None:
    found = hls_names(names)
    assert all(re.fullmatch(r"[A-Za-z]\w*", name, flags=re.ASCII) for name in found)
    assert len({name.lower() for name in found}) == len(names)
