from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from l1ml.data.calo_regions import region_image
from l1ml.training.regions.pictures import mixed, pictures, turned


def words_of(seed: int, n: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 1024, (n, 252), dtype=np.int32)


@given(st.integers(0, 2**32 - 1), st.integers(-40, 40))
def test_a_turn_rolls_phi_and_can_be_turned_back(seed: int, steps: int) -> None:
    words = words_of(seed)
    after = turned(words, np.full(6, steps))
    np.testing.assert_array_equal(region_image(after), np.roll(region_image(words), steps, axis=1))
    np.testing.assert_array_equal(turned(after, np.full(6, -steps)), words)


def test_each_crossing_has_an_angle_of_its_own() -> None:
    words = words_of(1)
    found = turned(words, np.arange(6))
    for row in range(6):
        np.testing.assert_array_equal(region_image(found[row]), np.roll(region_image(words[row]), row, axis=0))


def test_two_crossings_at_once_have_the_energy_of_both() -> None:
    one = np.zeros((1, 252), np.int32)
    one[0, :3] = [1, 500, 600]
    found = mixed(one, 50, np.random.default_rng(1))
    assert found.shape == (50, 252)
    assert found.max() == 1023
    unturned = found[found[:, 1] == 1000]
    assert len(unturned)
    np.testing.assert_array_equal(unturned[:, :3], np.broadcast_to([2, 1000, 1023], (len(unturned), 3)))
    assert set(found[found[:, 1] == 500].sum(axis=1).tolist()) == {2202}


def test_pictures_begin_with_the_crossings_as_they_are() -> None:
    words = words_of(2)
    found = pictures(words, 3, 0.5, np.random.default_rng(1))
    assert found.shape == (6 * 3 + 9, 252)
    np.testing.assert_array_equal(found[:6], words)
    for turn in (found[6:12], found[12:18]):
        assert (turn != words).any()
        np.testing.assert_array_equal(turn.sum(axis=1), words.sum(axis=1))
    np.testing.assert_array_equal(found, pictures(words, 3, 0.5, np.random.default_rng(1)))
    assert len(pictures(words, 1, 0.0, np.random.default_rng(1))) == 6
