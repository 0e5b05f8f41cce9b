from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.reporting.formatting import count, percent, rate, seconds, with_error


@given(st.floats(0.0, 1e6), st.floats(1e-6, 1e5))
def test_both_numbers_have_the_same_digits(value, error):
    left, right = with_error(value, error).split(" ± ")
    assert len(left.partition(".")[2]) == len(right.partition(".")[2])
    assert float(right) == pytest.approx(error, rel=0.051)


def test_rates():
    row = {"rate_khz": 5.0, "rate_error_khz": 0.36, "rate_upper_95_khz": 5.6, "rate_is_upper_limit": False}
    assert rate(row) == "5.00 ± 0.36"
    pure = {f"pure_{key}": value for key, value in row.items()} | {"pure_rate_is_upper_limit": True}
    assert rate(pure, "pure_") == "< 5.6 (95 % CL)"


def test_percent_of_a_certain_thing():
    assert percent({"efficiency": 1.0, "low": 1.0, "high": 1.0}) == "100.00 +0.00 -0.00"


def test_absent_numbers_are_called_so():
    assert count(None) == seconds(None) == "n/a"
    assert (count(1234.0), seconds(61.4), seconds(0.25)) == ("1,234", "1 min 01 s", "0.2 s")
