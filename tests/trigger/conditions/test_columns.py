from __future__ import annotations

import numpy as np
import pytest
from ugt_toy import crossing_of

from l1ml.errors import DataError
from l1ml.trigger.conditions.columns import Columns, shifted


def test_slot_major_and_narrow() -> None:
    columns = Columns.of_crossings(crossing_of({"jet": [{"pt": 2047}, {"pt": 3}], "cicada": [{"score": 0xFFFF}]}, n=3))
    assert columns.field("jet", "pt").shape == (12, 3)
    assert columns.field("jet", "pt").dtype == np.int16
    assert columns.field("cicada", "score").tolist() == [[0xFFFF] * 3]
    assert columns.field("jet", "pt") is columns.field("jet", "pt")


def test_the_lowest_word_of_a_narrow_type() -> None:
    columns = Columns(2, {"jet": {"eta": np.array([[-128], [3]], np.int8)}}, "events")
    assert columns.field("jet", "eta").tolist() == [[-128, 3]]


def test_missing_collection_and_field_are_named() -> None:
    columns = Columns.of_crossings(crossing_of({}, era="2018"))
    with pytest.raises(DataError, match="jet"):
        columns.field("jets", "pt")
    with pytest.raises(DataError, match="2018 has no field 'displaced'"):
        columns.field("jet", "displaced")


@pytest.mark.parametrize("offset", [-2, -1, 0, 1, 2])
def test_shift_against_a_loop(offset: int) -> None:
    values = np.arange(1, 8)
    n = len(values)
    plain = [int(values[i + offset]) if 0 <= i + offset < n else 0 for i in range(n)]
    assert shifted(values, offset, cyclic=False).tolist() == plain
    assert shifted(values, offset, cyclic=True).tolist() == [int(values[(i + offset) % n]) for i in range(n)]


def test_only_whole_orbits_close() -> None:
    assert not Columns.of_crossings(crossing_of({}, 10)).cyclic
    assert Columns.of_crossings(crossing_of({}, 3564)).cyclic
    assert Columns.of_crossings(crossing_of({}, 2 * 3564)).cyclic
