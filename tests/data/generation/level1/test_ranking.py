from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from l1ml.data.generation.level1.ranking import hardest

CANDIDATES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(-3, 3), st.integers(0, 3)), max_size=40)


@given(CANDIDATES, st.integers(1, 6), st.randoms(use_true_random=False))
def test_equals_sorting_each_crossing_by_hand_in_any_order(
    candidates: list[tuple[int, ...]], n_slots: int, random: object
) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    columns = np.array(shuffled, np.int64).reshape(-1, 4)
    words = {"hw_pt": columns[:, 1], "hw_eta": columns[:, 2], "hw_phi": columns[:, 3]}
    slots = hardest(columns[:, 0], words, 4, n_slots)
    for crossing in range(4):
        own = [(pt, eta, phi) for owner, pt, eta, phi in candidates if owner == crossing and pt > 0]
        own = sorted(own, key=lambda item: (-item[0], abs(item[1]), item[2], item[1]))[:n_slots]
        expected = own + [(0, 0, 0)] * (n_slots - len(own))
        found = list(zip(*(slots[name][crossing].tolist() for name in words), strict=True))
        assert found == expected


def test_no_candidates_give_empty_slots() -> None:
    none = np.zeros(0, np.int64)
    slots = hardest(none, {"hw_pt": none, "hw_eta": none, "hw_phi": none}, 2, 3)
    assert all((slots[name] == 0).all() and slots[name].shape == (2, 3) and slots[name].dtype == np.int32 for name in slots)
