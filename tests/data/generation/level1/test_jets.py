from __future__ import annotations

import numpy as np
import pytest

from l1ml.data.generation.level1.jets import build_jets
from l1ml.data.generation.level1.towers import variant_table
from l1ml.data.generation.level1.trigger_parameters import PtCalibration


def test_no_energy_no_jets() -> None:
    jets = build_jets(np.zeros((3, 114, 72), np.int32))
    assert all(words.shape == (3, 10) and not words.any() for words in jets.values())


def test_one_tower_is_a_jet_at_its_centre() -> None:
    towers = np.zeros((1, 114, 72), np.int32)
    towers[0, 60, 71] = 100
    jets = build_jets(towers)
    assert (jets["hw_pt"][0, 0], jets["hw_eta"][0, 0], jets["hw_phi"][0, 0]) == ((100 * 136) >> 7, 7, 143)
    assert np.count_nonzero(jets["hw_pt"]) == 1


@pytest.mark.parametrize("level", [0, 1, 3])
def test_uniform_surroundings_are_subtracted_exactly(level: int) -> None:
    towers = np.full((1, 114, 72), level, np.int32)
    towers[0, 50, 10] += 100
    assert build_jets(towers)["hw_pt"][0, 0] == (100 * 136) >> 7


def test_the_largest_strip_is_left_out() -> None:
    towers = np.zeros((1, 114, 72), np.int32)
    towers[0, 50, 10] = 200
    alone = build_jets(towers)["hw_pt"][0, 0]
    towers[0, 50, 16] = 40  # a second jet beside: in one strip only
    assert build_jets(towers)["hw_pt"][0, 0] == alone
    towers[0, 50, 4] = 40  # in a second strip, which now counts
    assert build_jets(towers)["hw_pt"][0, 0] == (160 * 136) >> 7


def test_a_seed_below_four_gev_is_no_jet() -> None:
    towers = np.zeros((1, 114, 72), np.int32)
    towers[0, 50:53, 10] = 7
    assert not build_jets(towers)["hw_pt"].any()
    towers[0, 51, 10] = 8
    assert build_jets(towers)["hw_pt"][0, 0] == (22 * 136) >> 7


def test_pt_saturates_at_the_width_of_the_word() -> None:
    towers = np.zeros((1, 114, 72), np.int32)
    towers[0, 48:53, 8:13] = 510
    assert build_jets(towers)["hw_pt"][0, 0] == 2047


def test_rotation_and_mirror_move_the_jets_and_nothing_else(rng: np.random.Generator) -> None:
    towers = np.zeros(114 * 72, np.int32)
    towers[rng.choice(towers.size, 300, replace=False)] = rng.permutation(300) + 1
    table = variant_table()
    before = build_jets(towers.reshape(1, 114, 72))
    for rotation in (1, 36, 71):
        turned = np.zeros_like(towers)
        turned[table[2 * rotation]] = towers
        after = build_jets(turned.reshape(1, 114, 72))
        valid = before["hw_pt"] > 0
        order = [sorted(zip(*(item[name][valid].tolist() for name in item), strict=True)) for item in (before, after)]
        moved = sorted((pt, eta, (phi + 2 * rotation) % 144) for pt, eta, phi in order[0])
        assert order[1] == moved


def test_the_first_counts_of_a_jet_may_count_more() -> None:
    calibration = PtCalibration(scale=128, soft_gain=64, soft_counts=40)
    np.testing.assert_array_equal(calibration.calibrated(np.array([0, 20, 40, 100])), [0, 30, 60, 120])
