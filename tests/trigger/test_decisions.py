from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import ConfigError
from l1ml.trigger import Decisions
from l1ml.trigger.decisions import apply_prescale


@given(st.lists(st.booleans()), st.integers(1, 9))
def test_prescale_keeps_every_nth_firing(bits, prescale):
    fired = np.array(bits, dtype=np.bool_)
    kept = apply_prescale(fired, prescale)
    assert kept.sum() == fired.sum() // prescale
    assert not (kept & ~fired).any()
    np.testing.assert_array_equal(np.flatnonzero(kept), np.flatnonzero(fired)[prescale - 1 :: prescale])


def test_prescale_zero_switches_off():
    assert not apply_prescale(np.ones(5, dtype=np.bool_), 0).any()


def test_access_by_name():
    bits = np.array([[True, False], [False, False]])
    decisions = Decisions(("L1_A", "L1_B"), bits, bits, bits)
    np.testing.assert_array_equal(decisions["L1_A"], [True, False])
    np.testing.assert_array_equal(decisions.final_or, [True, False])
    with pytest.raises(ConfigError, match="did you mean 'L1_B'"):
        decisions["L1_BB"]
