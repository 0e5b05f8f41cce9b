from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from l1ml.trigger.partitions.draw_bounds import draw_bounds


@given(st.lists(st.integers(0, 12), max_size=40), st.integers(1, 50))
def test_no_label_is_on_both_sides_of_a_bound_and_parts_are_as_small_as_that_allows(labels, size):
    bounds = draw_bounds(np.array(labels, dtype=np.int64), size)
    assert bounds == sorted({0, *bounds, len(labels)})
    free = [row for row in range(len(labels) + 1) if not set(labels[:row]) & set(labels[row:])]
    assert set(bounds) <= set(free)
    for first, last in pairwise(bounds):
        multiple = (first // size + 1) * size
        assert not [row for row in free if multiple <= row < last]


def test_labels_of_any_kind():
    assert draw_bounds(np.array([2**63 + 5, 1, 1], dtype=np.uint64), 1) == [0, 1, 3]
