from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import DataError
from l1ml.trigger import Prescale
from l1ml.trigger.prescale_counters import PrescaleCounters

FACTORS = st.one_of(st.just(0), st.integers(100, 1200))


def counted(bits: list[bool], factor: int) -> list[bool]:
    """The counter of the firmware, step by step."""
    count, kept = 0, []
    for bit in bits:
        limit = count + 100 >= factor
        kept.append(factor != 0 and limit and bit)
        if factor == 0:
            count = 0
        elif bit:
            count += 100 - factor if limit else 100
    return kept


@given(st.lists(st.tuples(st.booleans(), st.booleans())), FACTORS, FACTORS, st.integers(0, 30))
def test_equals_the_firmware_step_by_step_in_any_batches(rows, first, second, cut):
    bits = np.array(rows, dtype=np.bool_).reshape(-1, 2)
    counters = PrescaleCounters([Prescale(first), Prescale(second)])
    kept = np.concatenate([counters.apply(bits[:cut]), counters.apply(bits[cut:])])
    for column, factor in enumerate((first, second)):
        assert kept[:, column].tolist() == counted(bits[:, column].tolist(), factor)


@pytest.mark.parametrize(("text", "kept"), [("1", 60), ("2", 30), ("2.5", 24), ("7.5", 8), ("0", 0), ("61", 0)])
def test_share_of_sixty_firings(text, kept):
    counters = PrescaleCounters([Prescale.parse(text)])
    assert counters.apply(np.ones((60, 1), dtype=np.bool_)).sum() == kept


def test_start_sets_every_counter_to_zero():
    counters = PrescaleCounters([Prescale(300)])
    counters.apply(np.ones((2, 1), dtype=np.bool_))
    assert counters.state.tolist() == [200]
    counters.start()
    assert counters.state.tolist() == [0]


def test_one_column_for_each_counter():
    with pytest.raises(DataError, match=r"1 counters need bits of shape \(n, 1\), received \(3, 2\)"):
        PrescaleCounters([Prescale()]).apply(np.ones((3, 2), dtype=np.bool_))
