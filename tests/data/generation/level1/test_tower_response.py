from __future__ import annotations

import numpy as np
import pytest

from l1ml.data.generation.level1.tower_response import FITTED_RESPONSE, FittedTowers, TowerResponse, ring_means
from l1ml.data.generation.pool import CollisionPool

NO_PILEUP = (np.zeros(114), np.zeros(114))


def counts(energy: float, response: TowerResponse = FITTED_RESPONSE, pedestal: float = 0.0) -> tuple[int, int, int]:
    """ECAL, HCAL and forward counts of towers that hold `energy` MeV."""
    energies = np.full((1, 114, 72), energy)
    ecal, hcal = FittedTowers((np.full(114, pedestal), np.full(114, pedestal)), response).counts(energies, energies)
    assert ecal.dtype == hcal.dtype == np.int32
    return int(ecal[0, 57, 0]), int(hcal[0, 57, 0]), int(hcal[0, 0, 0])


def test_hard_deposits_stay_and_soft_ones_shrink() -> None:
    assert counts(120_100.0)[:2] == (240, 240)
    ecal, hcal, forward = counts(10_001.0)
    # 10 GeV (1 - loss exp(-10/scale)) in halves of a GeV
    assert (ecal, hcal) == (int(20 * (1 - 0.74 * np.exp(-10 / 7))), int(20 * (1 - 0.7 * np.exp(-10 / 8))))
    assert forward < hcal <= ecal < 20


def test_counts_saturate_and_are_never_negative() -> None:
    assert counts(1e9) == (255, 255, 255)
    assert counts(-1e6) == (0, 0, 0)


def test_counts_rise_with_the_energy() -> None:
    seen = np.array([counts(energy) for energy in range(0, 150_000, 250)])
    assert (np.diff(seen, axis=0) >= 0).all()


def test_without_losses_it_is_the_plain_rounding_above_the_pedestal() -> None:
    plain = TowerResponse(1, 1, 1, ecal_soft_loss=0, hcal_soft_loss=0, forward_soft_loss=0)
    assert counts(2301.0, plain, pedestal=300.0) == (4, 4, 4)
    assert counts(2299.0, plain, pedestal=300.0) == (3, 3, 3)


def test_means_are_those_of_the_collisions(pool: CollisionPool) -> None:
    ecal, hcal = ring_means(pool, 30, 50.0)
    assert ecal.sum() * 72 == pytest.approx(50 * pool.towers.ecal.sum() / 30)
    assert hcal.sum() * 72 == pytest.approx(50 * pool.towers.hcal.sum() / 30)
    np.testing.assert_allclose(ecal, ecal[::-1])


def test_each_calorimeter_has_a_pedestal_of_its_own() -> None:
    response = TowerResponse(1.0, 0.5, 0.25, ecal_soft_loss=0, hcal_soft_loss=0, forward_soft_loss=0)
    assert counts(4001.0, response, pedestal=2000.0) == (4, 6, 7)


def test_the_pedestal_follows_the_pileup_of_the_crossing() -> None:
    plain = TowerResponse(1, 1, 1, ecal_soft_loss=0, hcal_soft_loss=0, forward_soft_loss=0)
    towers = FittedTowers((np.full(114, 1000.0), np.full(114, 1000.0)), plain)
    energies = np.full((3, 114, 72), 4001.0)
    ecal, hcal = towers.counts(energies, energies, np.array([0.5, 1.0, 2.0]))
    assert ecal[:, 57, 0].tolist() == hcal[:, 0, 0].tolist() == [7, 6, 4]
