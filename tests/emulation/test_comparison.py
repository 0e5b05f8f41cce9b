from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.emulation import compare
from l1ml.errors import BitMismatchError, DataError
from l1ml.hardware import FixedPoint

SCORE = FixedPoint(18, 10, False)


def test_equal_words_are_exact() -> None:
    words = np.arange(100)
    report = compare(("a", SCORE, words), ("b", SCORE, words.copy()))
    assert report
    report.require_exact()


@given(st.lists(st.integers(0, 99), min_size=1, unique=True), st.integers(1, 50))
def test_every_single_different_word_is_found(rows: list[int], by: int) -> None:
    words = np.arange(100)
    other = words.copy()
    other[rows] += by
    report = compare(("a", SCORE, words), ("b", SCORE, other))
    assert not report
    assert (report.n_mismatched, report.max_lsb, report.first_indices[0]) == (len(rows), by, min(rows))


def test_the_error_has_the_crossing_both_words_and_both_formats() -> None:
    other = FixedPoint(20, 11)
    report = compare(("keras", SCORE, np.array([5, 6, 7])), ("rtl", other, np.array([10, 12, 15])))
    with pytest.raises(BitMismatchError) as caught:
        report.require_exact()
    text = str(caught.value)
    for part in ("keras", "rtl", "crossing 2", "7 in ap_ufixed<18,10", "15 in ap_fixed<20,11", "1 of 3"):
        assert part in text


def test_formats_of_one_meaning_compare_by_value() -> None:
    wide = FixedPoint(24, 14, False)
    assert compare(("a", SCORE, np.array([3, 4])), ("b", wide, np.array([12, 16])))


def test_nothing_compared_is_not_equal() -> None:
    with pytest.raises(DataError, match="cannot compare"):
        compare(("a", SCORE, np.zeros(0, np.int64)), ("b", SCORE, np.zeros(0, np.int64)))
    with pytest.raises(DataError, match="cannot compare"):
        compare(("a", SCORE, np.zeros(3, np.int64)), ("b", SCORE, np.zeros(2, np.int64)))
