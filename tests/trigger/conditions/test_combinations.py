from __future__ import annotations

from itertools import permutations, product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from l1ml.trigger.conditions.combinations import any_assignment, choices, each_has_one

MASKS = st.lists(arrays(np.bool_, (5, 4)), min_size=1, max_size=4)


@given(MASKS, st.booleans())
def test_assignment_agrees_with_all_permutations(masks: list[np.ndarray], repeat: bool) -> None:
    if repeat:
        masks = [masks[0], *masks][:4]
    expected = [
        any(all(mask[slot, row] for mask, slot in zip(masks, slots, strict=True)) for slots in permutations(range(5), len(masks)))
        for row in range(4)
    ]
    assert any_assignment(masks).tolist() == expected


def test_objects_of_different_places_do_not_compete() -> None:
    mask = np.array([[True, True], [False, True]])
    assert each_has_one(["jet", "tau"], [mask, mask[:1]]).tolist() == [True, True]
    assert each_has_one(["jet", "jet"], [mask, mask]).tolist() == [False, True]


@given(MASKS)
def test_choices_are_all_there(masks: list[np.ndarray]) -> None:
    distinct = [(0, 1)] if len(masks) > 1 else []
    rows, slots = choices(masks, distinct)
    found = set(zip(rows.tolist(), *(slot.tolist() for slot in slots), strict=True))
    expected = {
        (row, *taken)
        for row, *taken in product(range(4), *[range(5)] * len(masks))
        if all(mask[slot, row] for mask, slot in zip(masks, taken, strict=True))
        and all(taken[i] != taken[j] for i, j in distinct)
    }
    assert found == expected
    assert len(rows) == len(found)


def test_equal_requirements_are_chosen_in_rising_order_only() -> None:
    mask = np.ones((3, 1), dtype=np.bool_)
    rows, (first, second) = choices([mask, mask], [(0, 1)])
    assert rows.tolist() == [0, 0, 0]
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]
