from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from l1ml.trigger import Prescale
from l1ml.trigger.partitions.finishing_job import counters_after
from l1ml.trigger.prescale_counters import PrescaleCounters

PRESCALES = (0, 100, 101, 250, 703, 10_000)


@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), max_size=60), st.lists(st.integers(0, 60), max_size=5))
def test_counters_add_up_to_those_of_one_pass(rows, cuts):
    fired = np.array(rows, dtype=np.bool_).reshape(-1, 6)
    prescales = {str(value): Prescale(value) for value in PRESCALES}
    cuts = sorted(min(cut, len(fired)) for cut in cuts)
    bounds = list(zip([0, *cuts], [*cuts, len(fired)], strict=True))
    whole = PrescaleCounters(list(prescales.values()))
    expected, ends = [], []
    for first, last in bounds:
        expected.append(dict(zip(prescales, whole.state.tolist(), strict=True)))
        whole.apply(fired[first:last])
        own = PrescaleCounters(list(prescales.values()))
        own.apply(fired[first:last])
        ends.append(dict(zip(prescales, own.state.tolist(), strict=True)))
    expected.append(dict(zip(prescales, whole.state.tolist(), strict=True)))
    found = [expected[0]]
    for end in ends:
        found.append(counters_after(found[-1], end, prescales))
    assert found == expected
