from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from l1ml.conversion.pairwise import joined_in_pairs


@given(st.lists(st.text(max_size=2), min_size=1, max_size=40))
def test_the_order_is_kept_and_the_depth_is_logarithmic(items: list[str]) -> None:
    leaves = [(item, 0) for item in items]
    text, depth = joined_in_pairs(leaves, lambda first, second: (first[0] + second[0], 1 + max(first[1], second[1])))
    assert text == "".join(items)
    assert depth == (len(items) - 1).bit_length()
