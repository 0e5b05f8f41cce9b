from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from l1ml.data.generation.displaced import displaced_impact, helix_exit
from l1ml.data.generation.level1.response import impact_point, tower_deposits
from l1ml.data.generation.particles import Particles


def particle(pt: float, eta: float, phi: float, charge: float, *, vertex: tuple[float, float, float], n: int = 1) -> Particles:
    full = np.ones(n)
    momentum = [value * full for value in (pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), pt * np.cosh(eta))]
    return Particles(
        n, np.arange(n), np.full(n, 211 if charge else 130, np.int32), charge * full, *momentum,
        prompt=full > 0, vertex=np.tile(np.asarray(vertex, dtype=np.float64), (n, 1)),
    )  # fmt: skip


@given(st.floats(0.2, 300), st.floats(-4.5, 4.5), st.floats(-3.1, 3.1), st.sampled_from([-1.0, 0.0, 1.0]))
def test_from_the_centre_it_is_the_ordinary_helix(pt: float, eta: float, phi: float, charge: float) -> None:
    assume(abs(eta) > 1e-3)
    given_particle = particle(pt, eta, phi, charge, vertex=(0.0, 0.0, 0.0))
    found_eta, found_phi, reached, first = displaced_impact(given_particle, given_particle.vertex)
    eta_there, phi_there = impact_point(given_particle.pt, given_particle.eta, given_particle.phi, given_particle.charge)
    assert found_eta[0] == pytest.approx(eta_there[0], abs=2e-3)
    assert np.exp(1j * found_phi[0]) == pytest.approx(np.exp(1j * phi_there[0]), abs=2e-3)
    assert reached.all()
    assert first.all()


@given(
    st.floats(0.2, 300), st.floats(-3, 3), st.floats(-3.1, 3.1), st.sampled_from([-1.0, 0.0, 1.0]),
    st.tuples(st.floats(0, 1.25), st.floats(-3.1, 3.1), st.floats(-3, 3)),
)  # fmt: skip
def test_every_helix_ends_on_the_calorimeter(
    pt: float, eta: float, phi: float, charge: float, place: tuple[float, float, float]
) -> None:
    radius, angle, z = place
    vertex = (radius * np.cos(angle), radius * np.sin(angle), z)
    end = helix_exit(particle(pt, eta, phi, charge, vertex=vertex), np.array([vertex]))[0]
    across, along = float(np.hypot(end[0], end[1])), float(abs(end[2]))
    assert across == pytest.approx(1.29, abs=1e-3) or along == pytest.approx(3.17, abs=1e-3)
    assert across < 1.29 + 1e-3
    assert along < 3.17 + 1e-3


def test_a_neutral_particle_flies_straight_from_its_vertex() -> None:
    flying = particle(50, 0.0, np.pi / 2, 0.0, vertex=(0.5, 0.0, 0.0))
    eta, phi, _, _ = displaced_impact(flying, flying.vertex)
    assert eta[0] == pytest.approx(0, abs=1e-4)
    assert phi[0] == pytest.approx(np.arccos(0.5 / 1.29), abs=1e-4)


@pytest.mark.parametrize(
    ("radius", "ecal", "hcal"), [(0.5, True, True), (1.5, True, True), (2.2, False, True), (4.0, False, False)]
)
def test_late_decays_leave_energy_in_the_layers_that_follow(radius: float, ecal: bool, hcal: bool) -> None:
    late = particle(100, 0.0, 0.1, 0.0, vertex=(radius, 0.0, 0.0), n=200)
    deposits = tower_deposits(late, np.random.default_rng(3))
    assert bool(deposits.ecal.any()) is ecal
    assert bool(deposits.hcal.any()) is hcal
