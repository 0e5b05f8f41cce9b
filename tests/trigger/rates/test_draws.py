from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from l1ml.trigger.rates.draws import Draws


@given(st.lists(st.integers(-3, 5), max_size=60), st.integers(1, 20))
def test_pieces_hold_every_crossing_once_and_every_draw_whole(labels, size):
    weight = np.arange(1.0, len(labels) + 1.0)
    draws = Draws.of(len(labels), weight, np.array(labels, dtype=np.int64))
    rows, seen = [], []
    for where, part in draws.pieces(size):
        index = np.arange(draws.n)[where]
        rows += index.tolist()
        here = {labels[row] for row in index}
        seen += sorted(here)
        assert part.draw_weight.size == len(here)
        np.testing.assert_array_equal(part.weight, weight[index])
        np.testing.assert_array_equal(np.bincount(part.draw, part.weight), part.draw_weight)
    assert sorted(rows) == list(range(len(labels)))
    assert seen == sorted(set(labels))


def test_own_draws_come_in_order():
    pieces = list(Draws.of(10).pieces(4))
    assert [rows for rows, _ in pieces] == [slice(0, 4), slice(4, 8), slice(8, 10)]
    assert all(part.are_plain for _, part in pieces)


def test_labels_that_never_repeat_are_own_draws():
    draws = Draws.of(3, None, [7, 1, 3])
    assert draws.are_plain
    assert not Draws.of(3, [1.0, 1.0, 1.0], [7, 1, 1]).are_single


def test_weight_per_draw():
    draws = Draws.of(4, [1.0, 2.0, 4.0, 8.0], [5, 5, 6, 6])
    fired = np.array([[True, True, False, True], [False, False, True, False], [False] * 4])
    np.testing.assert_array_equal(draws.per_draw(fired), [[3.0, 8.0], [0.0, 4.0], [0.0, 0.0]])
