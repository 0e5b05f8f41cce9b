from __future__ import annotations

import numpy as np

from l1ml.data.generation.level1.towers import (
    ECAL_RINGS,
    N_RINGS,
    N_SECTORS,
    N_TOWERS,
    N_VARIANTS,
    RING_ETA,
    eta_words,
    is_forward,
    phi_words,
    tower_index,
    variant_table,
)
from l1ml.hardware import GLOBAL_TRIGGER_SCALES

TABLE = variant_table().astype(np.int64)


def test_every_variant_moves_every_tower_to_a_place_of_its_own() -> None:
    assert TABLE.shape == (N_VARIANTS, N_TOWERS)
    np.testing.assert_array_equal(np.sort(TABLE, axis=1), np.broadcast_to(np.arange(N_TOWERS), TABLE.shape))


def test_variants_rotate_and_mirror() -> None:
    np.testing.assert_array_equal(TABLE[0], np.arange(N_TOWERS))
    np.testing.assert_array_equal(TABLE[1][TABLE[1]], np.arange(N_TOWERS))
    ring, sector = np.divmod(TABLE[2 * 10 + 1], N_SECTORS)
    np.testing.assert_array_equal(ring, N_RINGS - 1 - np.arange(N_TOWERS) // N_SECTORS)
    np.testing.assert_array_equal(sector, (np.arange(N_TOWERS) + 10) % N_SECTORS)


def test_towers_have_distinct_odd_words_within_the_scales() -> None:
    eta, phi = eta_words(np.arange(N_RINGS)), phi_words(np.arange(N_SECTORS))
    assert (eta % 2 == 1).all()
    assert (phi % 2 == 1).all()
    assert (eta[0], eta[-1], phi[0], phi[-1]) == (-113, 113, 1, 143)
    assert eta[-1] <= GLOBAL_TRIGGER_SCALES["jet"]["eta"].max_word
    np.testing.assert_allclose(eta * GLOBAL_TRIGGER_SCALES["jet"]["eta"].lsb, RING_ETA)


def test_index_of_tower_centres_and_of_what_is_outside() -> None:
    ring, sector = np.divmod(np.arange(N_TOWERS), N_SECTORS)
    np.testing.assert_array_equal(tower_index(RING_ETA[ring], (sector + 0.5) * 2 * np.pi / N_SECTORS), np.arange(N_TOWERS))
    np.testing.assert_array_equal(tower_index(np.array([0.1, 0.1]), np.array([-0.01, 2 * np.pi - 0.01])), [58 * 72 + 71] * 2)
    np.testing.assert_array_equal(tower_index(np.array([4.97, -4.97]), np.zeros(2)), [-1, -1])


def test_forward_towers_are_those_without_ecal() -> None:
    forward = is_forward(np.arange(N_TOWERS)).reshape(N_RINGS, N_SECTORS)
    assert not forward[ECAL_RINGS].any()
    assert forward.sum() == N_TOWERS - forward[ECAL_RINGS].size
    assert np.abs(RING_ETA[ECAL_RINGS]).max() < 3 < np.abs(RING_ETA[ECAL_RINGS]).max() + 2 * 0.087
