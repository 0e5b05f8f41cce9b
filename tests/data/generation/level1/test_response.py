from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.data.generation.level1.response import hadron_response, impact_point, muon_candidates, tower_deposits
from l1ml.data.generation.level1.towers import N_SECTORS, RING_ETA
from l1ml.data.generation.particles import Particles

ETA = st.floats(-4.8, 4.8)
PHI = st.floats(-3.1, 3.1)
PT = st.floats(0.1, 500)


def particles(pdg: int, charge: float, pt: float, eta: float, n: int = 1) -> Particles:
    full = np.ones(n)
    return Particles(
        n, np.arange(n), np.full(n, pdg, np.int32), charge * full, pt * full, 0 * full, pt * np.sinh(eta) * full,
        pt * np.cosh(eta) * full, prompt=full > 0,
    )  # fmt: skip


def impact(pt: float, eta: float, phi: float, charge: float) -> tuple[float, float]:
    found = impact_point(*(np.array([value]) for value in (pt, eta, phi, charge)))
    return float(found[0][0]), float(found[1][0])


@given(PT, ETA, PHI)
def test_neutral_particles_fly_straight(pt: float, eta: float, phi: float) -> None:
    assert impact(pt, eta, phi, 0.0) == pytest.approx((eta, phi), abs=1e-6)


@given(PT, ETA, PHI)
def test_opposite_charges_bend_to_opposite_sides(pt: float, eta: float, phi: float) -> None:
    plus, minus = impact(pt, eta, phi, 1.0), impact(pt, eta, phi, -1.0)
    assert plus[0] == pytest.approx(minus[0], abs=1e-9)
    assert np.exp(1j * (plus[1] - phi)) == pytest.approx(np.exp(-1j * (minus[1] - phi)), abs=1e-6)


@given(PT, ETA, PHI)
def test_mirrored_particles_arrive_mirrored(pt: float, eta: float, phi: float) -> None:
    there, back = impact(pt, eta, phi, 1.0), impact(pt, -eta, phi, 1.0)
    assert there[0] == pytest.approx(-back[0], abs=1e-9)
    assert there[1] == pytest.approx(back[1], abs=1e-9)


def test_a_stiff_barrel_track_turns_by_the_textbook_angle() -> None:
    # sin(dphi) = 0.3 B R / (2 pt): 10 GeV, 3.8 T, 1.29 m
    assert impact(10.0, 0.2, 0.0, 1.0)[1] == pytest.approx(-np.arcsin(0.2998 * 3.8 * 1.29 / 20), rel=1e-9)


def test_a_curling_particle_ends_in_an_endcap() -> None:
    eta, _ = impact(0.5, 0.3, 0.0, 1.0)
    assert eta > np.arcsinh(3.17 / 1.29)
    assert impact(0.8, 0.3, 0.0, 1.0)[0] < 1.5


def test_photons_are_measured_right_and_narrow(rng: np.random.Generator) -> None:
    deposits = tower_deposits(particles(22, 0, 50.0, 0.7, 4000), rng)
    assert (deposits.count == 1).all()
    assert (deposits.hcal == 0).all()
    assert deposits.ecal.mean() == pytest.approx(50_000, rel=0.01)
    energy = 50 * np.cosh(0.7)
    assert deposits.ecal.std() / deposits.ecal.mean() == pytest.approx(np.hypot(0.028 / np.sqrt(energy), 0.003), rel=0.1)


def test_hadrons_share_between_the_layers_and_spread(rng: np.random.Generator) -> None:
    deposits = tower_deposits(particles(211, 1, 20.0, 1.0, 8000), rng)
    total = (deposits.ecal + deposits.hcal) / 1000
    energy = 20 * np.cosh(1.0)
    assert total.mean() == pytest.approx(20 * float(hadron_response(np.array(energy))), rel=0.02)
    assert total.std() / total.mean() == pytest.approx(np.hypot(1.1 / np.sqrt(energy), 0.09), rel=0.05)
    assert 0.2 < deposits.ecal.sum() / (deposits.ecal + deposits.hcal).sum() < 0.5


def test_forward_energy_has_one_layer(rng: np.random.Generator) -> None:
    deposits = tower_deposits(particles(22, 0, 20.0, 4.0, 10), rng)
    assert (deposits.ecal == 0).all()
    assert (np.abs(RING_ETA[deposits.tower // N_SECTORS] - 4.0) < 0.05).all()


def test_neutrinos_leave_nothing_and_muons_little(rng: np.random.Generator) -> None:
    assert tower_deposits(particles(14, 0, 50.0, 0.5, 5), rng).count.tolist() == [0] * 5
    muons = tower_deposits(particles(13, -1, 50.0, 0.5, 5), rng)
    assert (muons.ecal + muons.hcal < 3000).all()


def test_hadron_response_rises_to_one_at_fifty_gev() -> None:
    response = hadron_response(np.array([1.0, 5.0, 50.0, 500.0]))
    assert (np.diff(response) > 0).all()
    assert response[2] == pytest.approx(1.0)
    assert response[0] == pytest.approx(0.81, abs=0.03)


def test_muons_are_certain_and_decays_are_rare() -> None:
    muon = muon_candidates(particles(13, -1, 10.0, 0.0))
    pion = muon_candidates(particles(211, 1, 10.0, 0.0))
    kaon = muon_candidates(particles(-321, -1, 10.0, 0.0))
    assert (muon.probability.item(), muon.least_fraction.item()) == (1, 1)
    assert pion.probability.item() == pytest.approx(1.29 * 0.1396 / (10 * 7.805), rel=0.01)
    assert kaon.probability.item() == pytest.approx(0.636 * 1.29 * 0.4937 / (10 * 3.711), rel=0.01)
    assert pion.least_fraction.item() == pytest.approx((105.66 / 139.57) ** 2, abs=1e-3)


def test_soft_far_forward_and_stable_hadrons_are_no_candidates() -> None:
    for item in (particles(13, 1, 2.0, 0.0), particles(13, 1, 20.0, 2.6), particles(2212, 1, 20.0, 0.0)):
        assert muon_candidates(item).count.tolist() == [0]
