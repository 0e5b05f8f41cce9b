from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import ConfigError
from l1ml.trigger import Prescale


@given(st.integers(100, 4294967200))
def test_prescales_are_exact(hundredths):
    prescale = Prescale.parse(f"{hundredths // 100}.{hundredths % 100:02d}")
    assert prescale == Prescale(hundredths) == Prescale.parse(str(prescale))


def test_facts():
    assert (Prescale(0).is_off, Prescale().is_one, Prescale(250).kept_fraction) == (True, True, 0.4)
    assert (Prescale(0).kept_fraction, str(Prescale(0)), str(Prescale(12345678))) == (0.0, "0", "123456.78")


@pytest.mark.parametrize("text", ["-1", "0.5", "1.001", "x", "", "nan", "inf", "1e9", "42949672.01"])
def test_impossible_prescales(text):
    with pytest.raises(ConfigError, match=r"a prescale is 0 \(off\) or 1 to 42949672"):
        Prescale.parse(text)
