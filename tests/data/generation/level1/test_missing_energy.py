from __future__ import annotations

import numpy as np

from l1ml.data.generation.level1.missing_energy import build_missing_energy, tower_thresholds


def test_an_empty_calorimeter_misses_nothing() -> None:
    missing = build_missing_energy(np.zeros((2, 114, 72), np.int32))
    assert all(words.shape == (2, 1) and not words.any() for words in missing.values())


def test_points_opposite_to_the_only_tower() -> None:
    towers = np.zeros((72, 114, 72), np.int32)
    towers[np.arange(72), 57, np.arange(72)] = 100
    missing = build_missing_energy(towers)
    assert (np.abs(missing["hw_pt"][:, 0] - 100) <= 1).all()
    expected = (2 * np.arange(72) + 1 + 72) % 144
    distance = (missing["hw_phi"][:, 0] - expected + 72) % 144 - 72
    assert (np.abs(distance) <= 1).all()
    assert not missing["hw_eta"].any()


def test_back_to_back_towers_cancel() -> None:
    towers = np.zeros((1, 114, 72), np.int32)
    towers[0, 50, 10] = towers[0, 70, 46] = 200
    assert build_missing_energy(towers)["hw_pt"][0, 0] == 0


def test_threshold_rises_with_pileup_and_eta() -> None:
    thresholds = tower_thresholds(np.array([0, 50, 100, 200]))
    assert (thresholds[0] == 1).all()
    assert (np.diff(thresholds, axis=0) >= 0).all()
    assert (np.diff(thresholds[:, 57:], axis=1) >= 0).all()
    np.testing.assert_array_equal(thresholds, thresholds[:, ::-1])


def test_saturates_at_twelve_bits() -> None:
    towers = np.zeros((1, 114, 72), np.int32)
    towers[0, 40:70, :5] = 510
    assert build_missing_energy(towers)["hw_pt"][0, 0] == 4095
