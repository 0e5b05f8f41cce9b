from __future__ import annotations

import numpy as np
import pytest

from l1ml.data import LEVEL1_SCHEMA
from l1ml.data.calo_regions import CALO_SCHEMA
from l1ml.data.generation.overlay import Composition, Overlay, digitised, placed_energies, ragged_rows
from l1ml.data.generation.pool import CollisionPool


@pytest.fixture
def composition(rng: np.random.Generator) -> Composition:
    count = rng.poisson(8, 70)
    count[[0, 5, 69]] = 0
    return Composition(70, np.repeat(np.arange(70), count), rng.integers(0, 30, count.sum()))


def test_ragged_rows_list_what_they_should() -> None:
    start = np.array([0, 2, 2, 5])
    rows, count = ragged_rows(start, np.array([2, 0, 1, 2]))
    assert rows.tolist() == [2, 3, 4, 0, 1, 2, 3, 4]
    assert count.tolist() == [3, 2, 0, 3]
    assert ragged_rows(start, np.zeros(0, np.int64))[0].tolist() == []


def test_pieces_cover_the_composition(composition: Composition) -> None:
    pieces = list(composition.chunks(32))
    assert [piece.n_crossings for piece in pieces] == [32, 32, 6]
    whole = np.concatenate([piece.crossing + 32 * k for k, piece in enumerate(pieces)])
    np.testing.assert_array_equal(whole, composition.crossing)
    np.testing.assert_array_equal(np.concatenate([piece.collision for piece in pieces]), composition.collision)


def test_energies_are_summed_like_by_hand(rng: np.random.Generator) -> None:
    crossing, tower = rng.integers(0, 3, 1000), rng.integers(0, 8208, 1000).astype(np.uint16)
    ecal, hcal = rng.integers(0, 3_000_000, (2, 1000))
    total = placed_energies(crossing, tower, ecal + hcal * 2.0**26, 3)
    by_hand = np.zeros((2, 3, 8208), np.int64)
    np.add.at(by_hand, (slice(None), crossing, tower), np.stack([ecal, hcal]))
    np.testing.assert_array_equal(np.floor(total / 2**26).reshape(3, 8208), by_hand[1])
    np.testing.assert_array_equal(total.reshape(3, 8208) - 2**26 * by_hand[1], by_hand[0])


def test_digits_are_half_gev_rounded_down_saturated_and_noisy_only_in_the_ecal(rng: np.random.Generator) -> None:
    hcal = np.zeros((30, 114, 72))
    hcal[0, 3, :4] = [499, 500, 999, 10**7]
    ecal, counted = digitised((hcal * 2.0**26).ravel(), rng)
    assert counted[0, 3, :4].tolist() == [0, 1, 1, 255]
    assert ecal.dtype == counted.dtype == np.int32
    assert not ecal[:, :23].any()
    # 500 MeV is 3.33 sigma of the noise: 4.3e-4 of 30 x 4896 towers
    assert 35 < np.count_nonzero(ecal) < 95


def test_objects_fit_the_schema_and_depend_on_the_seed_alone(pool: CollisionPool, composition: Composition) -> None:
    first, again, other = (list(Overlay(pool).objects(composition, np.random.default_rng(seed))) for seed in (1, 1, 2))
    for item in LEVEL1_SCHEMA.objects:
        for field in item.fields:
            words = [np.concatenate([piece[item.name][field.column] for piece in run]) for run in (first, again, other)]
            assert words[0].shape == (70, item.n_slots)
            np.testing.assert_array_equal(words[0], words[1])
            assert field.scale.format.contains(words[0]).all()
    assert any((first[k]["jet"]["hw_pt"] != other[k]["jet"]["hw_pt"]).any() for k in range(3))


def test_regions_stand_beside_the_same_objects(pool: CollisionPool, composition: Composition) -> None:
    plain, more = (
        list(Overlay(pool, objects).objects(composition, np.random.default_rng(1))) for objects in ("axol1tl", "calo_regions")
    )
    for piece, other in zip(plain, more, strict=True):
        assert list(other) == [item.name for item in CALO_SCHEMA.objects]
        for name, columns in piece.items():
            for column, words in columns.items():
                np.testing.assert_array_equal(other[name][column], words)
        assert other["region"]["hw_et"].shape == (len(other["met"]["hw_pt"]), 252)
    assert sum(int(piece["region"]["hw_et"].sum()) for piece in more) > 0


def test_an_empty_crossing_has_no_muon_and_no_jet(pool: CollisionPool, composition: Composition) -> None:
    pieces = list(Overlay(pool).objects(composition, np.random.default_rng(1)))
    assert not pieces[0]["muon"]["hw_pt"][0].any()
    assert not pieces[0]["jet"]["hw_pt"][0].any()
