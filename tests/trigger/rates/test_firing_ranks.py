from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from l1ml.trigger.rates.firing_ranks import FiringRanks


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), max_size=12))
def test_ranks_list_the_algorithms_of_each_crossing_in_order(rows):
    fired = np.array(rows, dtype=np.bool_).reshape(-1, 4).T
    ranks = FiringRanks.of(fired)
    found = {row: [] for row in range(fired.shape[1])}
    for column in ranks.ranks():
        for place, algorithm in enumerate(column.tolist()):
            found[int(ranks.row[place])].append(algorithm)
    assert found == {row: np.flatnonzero(fired[:, row]).tolist() for row in range(fired.shape[1])}
    some = ranks.select(np.arange(0, fired.shape[1], 2))
    assert [len(column) for column in some.ranks()] == [int((some.count > rank).sum()) for rank in range(len(some.column))]
