"""Parametrised Level-1 response of one collision: particles to tower energies and muon candidates.

Nothing here is a simulation of CMS: it is a documented set of formulae with public numbers, so that thresholds and rates come
out of the right physics within a factor of a few. Left out on purpose: material in front of the calorimeters (conversions,
bremsstrahlung), shower sharing between towers, out-of-time pileup, punch-through. Displaced vertices are followed where the
recipe of the process asks for it, see `l1ml.data.generation.displaced`.

References
----------
CMS Collaboration, "The CMS experiment at the CERN LHC", JINST 3 (2008) S08004: geometry, field, resolutions.
D. Groom, NIM A 572 (2007) 633: hadronic energy dependence of the response, ``1 - (1 - h/e) (E / 1 GeV) ** (m - 1)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.displaced import displaced_impact
from l1ml.data.generation.level1.geometry import BARREL_RADIUS, CURVATURE, ENDCAP_Z
from l1ml.data.generation.level1.towers import N_TOWERS, is_forward, tower_index
from l1ml.data.generation.particles import Particles

__all__ = ["MuonCandidates", "TowerDeposits", "impact_point", "muon_candidates", "tower_deposits"]

FloatArray = NDArray[np.float64]

_ECAL_STOCHASTIC, _ECAL_CONSTANT = 0.028, 0.003
_HADRON_STOCHASTIC, _HADRON_CONSTANT = 1.10, 0.09
_FORWARD_EM_STOCHASTIC, _FORWARD_EM_CONSTANT = 1.98, 0.09
_FORWARD_HADRON_STOCHASTIC, _FORWARD_HADRON_CONSTANT = 2.80, 0.11

_NONCOMPENSATION = 0.35  # 1 - h/e
_GROOM_EXPONENT = -0.15  # m - 1
_CALIBRATION_ENERGY = 50.0  # GeV, hadrons of this energy are measured right on average

_ECAL_INTERACTION = 0.65  # 1 - exp(-1.1 interaction lengths)
_MIP_ECAL, _MIP_HCAL = 0.3, 1.8  # GeV left by a particle that only ionises


@dataclass(frozen=True, eq=False)
class TowerDeposits:
    """Energies per tower, sparse: one row for each (collision, tower) that saw something.

    Parameters
    ----------
    count : ndarray of int64, shape (n_collisions,)
        Rows of each collision; rows are in collision order.
    tower : ndarray of uint16, shape (n,)
        Tower number, see `l1ml.data.generation.level1.towers`.
    ecal, hcal : ndarray of int32, shape (n,)
        Transverse energy in MeV.
    """

    count: NDArray[np.int64]
    tower: NDArray[np.uint16]
    ecal: NDArray[np.int32]
    hcal: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class MuonCandidates:
    """Particles that may be measured as muons.

    Parameters
    ----------
    count : ndarray of int64, shape (n_collisions,)
        Rows of each collision.
    pt, eta, phi : ndarray of float32, shape (n,)
        Of the particle, at the vertex; GeV, radians.
    probability : ndarray of float32, shape (n,)
        To be a muon when it reaches the muon system: 1 for muons, the chance to decay before the calorimeter for hadrons.
    least_fraction : ndarray of float32, shape (n,)
        The muon has a share of the momentum that is uniform between this and 1; 1 for muons.
    charge : ndarray of int8, shape (n,)
        In units of the positron charge.
    """

    count: NDArray[np.int64]
    pt: NDArray[np.float32]
    eta: NDArray[np.float32]
    phi: NDArray[np.float32]
    probability: NDArray[np.float32]
    least_fraction: NDArray[np.float32]
    charge: NDArray[np.int8]


def impact_point(pt: FloatArray, eta: FloatArray, phi: FloatArray, charge: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Direction (eta, phi), seen from the centre, where a particle enters the calorimeter.

    A helix of radius ``pt / (0.3 |q| B)`` is followed to the barrel at R = 1.29 m or to the endcap at |z| = 3.17 m,
    whichever comes first; a particle that curls up inside the barrel (pt < 0.74 GeV) always ends in an endcap.
    """
    bending = CURVATURE * np.abs(charge)
    radius = pt / np.where(bending > 0, bending, 1e-9)
    slope = np.sinh(eta)
    half_turn = np.arcsin(np.minimum(BARREL_RADIUS / (2 * radius), 1.0))
    barrel_z = slope * 2 * radius * half_turn
    in_barrel = (2 * radius >= BARREL_RADIUS) & (np.abs(barrel_z) < ENDCAP_Z)
    endcap_half_turn = ENDCAP_Z / (2 * radius * np.maximum(np.abs(slope), 1e-6))
    half = np.where(in_barrel, half_turn, endcap_half_turn)
    distance = np.where(in_barrel, BARREL_RADIUS, 2 * radius * np.abs(np.sin(half)))
    z = np.where(in_barrel, barrel_z, np.copysign(ENDCAP_Z, slope))
    # sin(half) < 0 after an odd number of half circles: the particle is on the other side of the axis
    flip = np.where(np.sin(half) < 0, np.pi, 0.0)
    return np.arcsinh(z / np.maximum(distance, 1e-9)), phi - np.sign(charge) * half + flip


def tower_deposits(particles: Particles, rng: np.random.Generator) -> TowerDeposits:
    """Measured transverse energies of `particles`, summed per tower and collision.

    Electrons and photons go to the ECAL (2.8 %/sqrt(E) + 0.3 %); hadrons to both (110 %/sqrt(E) + 9 %, non-compensating, see
    `_ecal_share`); above |eta| = 2.96 all goes to one layer with the resolutions of the forward calorimeter. Fluctuations are
    gamma distributed: right mean and width, never negative.
    """
    seen = particles.select(~particles.is_neutrino)
    if seen.vertex is None:
        eta, phi = impact_point(seen.pt, seen.eta, seen.phi, seen.charge)
        reached = first_layer = None
    else:
        eta, phi, reached, first_layer = displaced_impact(seen, seen.vertex)
    tower = tower_index(eta, phi)
    forward = is_forward(tower)
    energy = _measured_energy(seen, forward, rng)
    share = np.where(forward, 0.0, _ecal_share(seen, rng))
    transverse = energy / np.cosh(eta)
    keep = tower >= 0
    if reached is not None and first_layer is not None:
        share = np.where(first_layer | forward, share, 0.0)
        keep &= reached
    key = seen.collision[keep] * N_TOWERS + tower[keep]
    return _summed(key, (transverse * share)[keep], (transverse * (1 - share))[keep], particles.n_collisions)


def _measured_energy(particles: Particles, forward: NDArray[np.bool_], rng: np.random.Generator) -> FloatArray:
    """Energy in GeV after response and resolution."""
    energy = particles.energy
    electromagnetic = particles.is_electromagnetic
    stochastic = np.where(
        electromagnetic,
        np.where(forward, _FORWARD_EM_STOCHASTIC, _ECAL_STOCHASTIC),
        np.where(forward, _FORWARD_HADRON_STOCHASTIC, _HADRON_STOCHASTIC),
    )
    constant = np.where(
        electromagnetic,
        np.where(forward, _FORWARD_EM_CONSTANT, _ECAL_CONSTANT),
        np.where(forward, _FORWARD_HADRON_CONSTANT, _HADRON_CONSTANT),
    )
    mean = np.where(electromagnetic, energy, energy * hadron_response(energy))
    variance = stochastic**2 / np.maximum(energy, 0.05) + constant**2
    measured = mean * rng.gamma(1 / variance, variance)
    return np.where(particles.is_muon, np.minimum(energy, _MIP_ECAL + _MIP_HCAL), measured)


def hadron_response(energy: FloatArray) -> FloatArray:
    """Mean measured share of the energy (GeV) of a hadron: 1 at 50 GeV, 0.83 at 1 GeV (Groom, with h/e = 0.65)."""
    bounded = np.maximum(energy, 0.3)
    reference = 1 - _NONCOMPENSATION * _CALIBRATION_ENERGY**_GROOM_EXPONENT
    return np.asarray((1 - _NONCOMPENSATION * bounded**_GROOM_EXPONENT) / reference)


def _ecal_share(particles: Particles, rng: np.random.Generator) -> FloatArray:
    """Share of the energy left in the ECAL.

    1 for electrons and photons. A hadron starts its shower in the ECAL (1.1 interaction lengths) with probability 0.65 and
    then leaves a uniformly distributed share there; otherwise it ionises, 0.3 GeV if charged.
    """
    ionising = np.where(particles.charge != 0, np.minimum(_MIP_ECAL / particles.energy, 1.0), 0.0)
    draw = rng.random((2, len(particles)))
    showers = (draw[0] < _ECAL_INTERACTION) & ~particles.is_muon
    hadronic = np.where(showers, draw[1], ionising)
    return np.where(particles.is_electromagnetic, 1.0, hadronic)


def _summed(key: NDArray[np.int64], ecal: FloatArray, hcal: FloatArray, n_collisions: int) -> TowerDeposits:
    """Deposits (GeV) added up per value of ``collision * N_TOWERS + tower``; towers that round to 0 MeV are dropped."""
    keys, inverse = np.unique(key, return_inverse=True)
    layers = [np.rint(1000 * np.bincount(inverse, layer, len(keys))).astype(np.int32) for layer in (ecal, hcal)]
    filled = (layers[0] > 0) | (layers[1] > 0)
    collision, tower = np.divmod(keys[filled], N_TOWERS)
    count = np.bincount(collision, minlength=n_collisions)
    return TowerDeposits(count, tower.astype(np.uint16), layers[0][filled], layers[1][filled])


_MUON_ETA = 2.4
_BARREL_MUON_ETA, _BARREL_MUON_PT, _ENDCAP_MUON_P = 1.2, 3.3, 4.5
_DECAYING = {211: (7.805, 0.1396, 0.573, 1.0), 321: (3.711, 0.4937, 0.0458, 0.636)}
"""Hadron: c tau (m), mass (GeV), least share of momentum of the muon (m_mu / m) ** 2, branching ratio to mu nu (PDG)."""


def muon_candidates(particles: Particles) -> MuonCandidates:
    """Muons, and charged pions and kaons that may decay on their way, with momentum enough to cross the calorimeters.

    A hadron decays before the calorimeter with probability ``1 - exp(-L m / (p c tau))``, L being the length of the path to
    the barrel (1.29 m) or the endcap (3.17 m) front face; further in, it showers first.
    """
    pt, eta = particles.pt, particles.eta
    momentum = pt * np.cosh(eta)
    crosses = np.where(np.abs(eta) < _BARREL_MUON_ETA, pt > _BARREL_MUON_PT, momentum > _ENDCAP_MUON_P)
    chosen = crosses & (np.abs(eta) < _MUON_ETA) & np.isin(np.abs(particles.pdg), (13, *_DECAYING))
    some = particles.select(chosen)
    probability, least = _muon_probability(some)
    return MuonCandidates(
        np.bincount(some.collision, minlength=particles.n_collisions),
        some.pt.astype(np.float32),
        some.eta.astype(np.float32),
        some.phi.astype(np.float32),
        probability.astype(np.float32),
        least.astype(np.float32),
        np.sign(some.charge).astype(np.int8),
    )


def _muon_probability(particles: Particles) -> tuple[FloatArray, FloatArray]:
    """Probability to become a muon, and the least share of momentum it then has."""
    length = np.minimum(BARREL_RADIUS * np.cosh(particles.eta), ENDCAP_Z / np.abs(np.tanh(particles.eta) + 1e-9))
    momentum = particles.pt * np.cosh(particles.eta)
    probability, least = np.ones(len(particles)), np.ones(len(particles))
    for code, (lifetime, mass, least_share, branching) in _DECAYING.items():
        of_kind = np.abs(particles.pdg) == code
        decays = -np.expm1(-length * mass / (momentum * lifetime)) * branching
        probability = np.where(of_kind, decays, probability)
        least = np.where(of_kind, least_share, least)
    return probability, least
