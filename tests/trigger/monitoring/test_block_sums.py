from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.trigger.monitoring.block_sums import BlockSums, coarsened
from l1ml.trigger.monitoring.timeline import Timeline


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_blocks_are_those_of_all_crossings_at_once(sizes: list[int], seed: int) -> None:
    rng, n = np.random.default_rng(seed), sum(sizes)
    values = rng.integers(0, 5, (n, 3)).astype(float)
    sums, start = BlockSums(3, most_blocks=8), 0
    for size in sizes:
        row, column = np.nonzero(values[start : start + size])
        sums.add(row, column, values[start : start + size][row, column], size)
        start += size
    assert sums.n == n
    assert n <= 8 * sums.size
    np.testing.assert_array_equal(sums.whole(), coarsened(values, sums.size))
    assert sums.size == 1 or len(sums.whole()) >= 4


@given(st.lists(st.lists(st.integers(0, 5000), min_size=1, max_size=20), min_size=1, max_size=8))
@settings(deadline=None)
def test_a_timeline_counts_every_crossing_where_it_is(batches: list[list[int]]) -> None:
    line = Timeline(2, most_bins=16)
    for batch in batches:
        place, n = np.array(batch), len(batch)
        line.add(place, np.tile([0, 1], n), np.repeat(np.arange(n), 2))
    places = np.array([place for batch in batches for place in batch])
    assert line.counts.shape[1] <= 16
    assert line.first <= places.min() < line.first + line.width
    expected = np.bincount((places - line.first) // line.width, minlength=line.counts.shape[1])
    np.testing.assert_array_equal(line.counts, [expected, expected])


def test_an_empty_batch_is_no_place() -> None:
    line = Timeline(1)
    none = np.zeros(0, np.int64)
    line.add(none, none, none)
    assert line.counts.shape == (1, 0)
