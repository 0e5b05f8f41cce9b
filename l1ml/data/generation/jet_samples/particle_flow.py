r"""What a detector makes of the particles of a collision: tracks, and calorimeter cells of what has none.

A parametrisation with the figures of the CMS card of Delphes 3 (arXiv:1307.6346), simpler than Delphes itself:

* a charged particle with \|eta\| < 2.5 and pt > 0.1 GeV is a track with the efficiency 0.95 (0.85 beyond \|eta\| = 1.5), below
  1 GeV 0.70 (0.60); its pt is smeared by 1 % + 1e-4 pt, 1.5 % + 1.5e-4 pt or 2.5 % + 3.5e-4 pt (in squares; up to 0.5, 1.5, 2.5
  in \|eta\|), its direction is exact, its mass is that of a pion;
* photons fill cells of 0.0174 x 0.0174 in eta and phi, smeared by 0.008 E + 0.11 sqrt(E) + 0.40 GeV (in squares), which grows
  with eta; cells below 0.5 GeV or two standard deviations are dropped;
* neutral hadrons, and charged ones without a track, fill cells of 0.087 x 0.087, smeared by 0.05 E + 1.5 sqrt(E) (in squares);
  cells below 1 GeV or one standard deviation are dropped;
* a cell has no mass, and its direction is at random within its borders;
* muons and electrons without a track are lost, neutrinos too.

Not modelled: material, the magnetic field, deposits of tracks that are not subtracted in full, pileup, noise.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from l1ml.data.generation.jet_samples.four_vectors import FloatArray, four_vectors
from l1ml.data.generation.particles import Particles

__all__ = ["particle_flow"]

_ELECTROMAGNETIC_CELL, _HADRONIC_CELL = 0.0174, 0.087
_ELECTROMAGNETIC_CUT, _HADRONIC_CUT = (0.5, 2.0), (1.0, 1.0)
"""Least energy in GeV, and in standard deviations."""
_ACCEPTANCE = 5.0
_TRACKER = 2.5
_PION = 0.13957


def particle_flow(particles: Particles, rng: np.random.Generator) -> tuple[FloatArray, NDArray[np.int64]]:
    """Reconstructed candidates, four-vectors (n, 4), and the collision of each, rising.

    Parameters
    ----------
    particles : Particles
        Stable particles.
    rng : numpy.random.Generator
        Source of all smearing.
    """
    seen = particles.select(~particles.is_neutrino & (np.abs(particles.eta) < _ACCEPTANCE))
    tracked = rng.random(len(seen)) < _track_efficiency(seen)
    photon = seen.pdg == 22
    hadronic = ~photon & ~tracked & ~np.isin(np.abs(seen.pdg), (11, 13))
    parts = [
        _tracks(seen.select(tracked), rng),
        _cells(seen.select(photon), _ELECTROMAGNETIC_CELL, _electromagnetic_width, _ELECTROMAGNETIC_CUT, rng),
        _cells(seen.select(hadronic), _HADRONIC_CELL, _hadronic_width, _HADRONIC_CUT, rng),
    ]
    momentum, collision = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(collision, kind="stable")
    return momentum[order], collision[order]


def _track_efficiency(particles: Particles) -> FloatArray:
    """Probability of a track, shape (n,)."""
    pt, central = particles.pt, np.abs(particles.eta) < 1.5
    efficiency = np.where(pt > 1, np.where(central, 0.95, 0.85), np.where(central, 0.70, 0.60))
    visible = (particles.charge != 0) & (pt > 0.1) & (np.abs(particles.eta) < _TRACKER)
    return np.where(visible, efficiency, 0.0)


def _tracks(particles: Particles, rng: np.random.Generator) -> tuple[FloatArray, NDArray[np.int64]]:
    """Charged particles with smeared pt."""
    eta, pt = particles.eta, particles.pt
    region = np.digitize(np.abs(eta), (0.5, 1.5))
    constant, slope = np.array([0.01, 0.015, 0.025])[region], np.array([1e-4, 1.5e-4, 3.5e-4])[region]
    pt = _smeared(pt, pt * np.hypot(constant, slope * pt), rng)
    energy = np.hypot(pt * np.cosh(eta), _PION)
    return four_vectors(pt, eta, particles.phi, energy), particles.collision


def _cells(
    particles: Particles,
    size: float,
    width: Callable[[FloatArray, FloatArray], FloatArray],
    cut: tuple[float, float],
    rng: np.random.Generator,
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Energies summed in cells of `size`, smeared, those above `cut`."""
    rows = np.floor(particles.eta / size).astype(np.int64), np.floor(particles.phi / size).astype(np.int64)
    span = 1 << 12
    key = (particles.collision * span + rows[0] + span // 2) * span + rows[1] + span // 2
    cells, inverse = np.unique(key, return_inverse=True)
    energy = np.bincount(inverse, particles.energy, len(cells)).astype(np.float64)
    eta, phi = (_within(cells // unit % span - span // 2, size, rng) for unit in (span, 1))
    sigma = width(energy, np.abs(eta))
    energy = _smeared(energy, sigma, rng)
    kept = energy > np.maximum(cut[0], cut[1] * sigma)
    energy, eta, phi = energy[kept], eta[kept], phi[kept]
    return four_vectors(energy / np.cosh(eta), eta, phi, energy), cells[kept] // span**2


def _within(number: NDArray[np.int64], size: float, rng: np.random.Generator) -> FloatArray:
    """Places at random within the cells of these numbers."""
    return (number + rng.random(len(number))) * size


def _electromagnetic_width(energy: FloatArray, eta: FloatArray) -> FloatArray:
    """Standard deviation of the energy of a cell of the electromagnetic calorimeter in GeV."""
    central = np.sqrt((0.008 * energy) ** 2 + 0.11**2 * energy + 0.40**2)
    factor = np.where(eta < 1.5, 1 + 0.64 * eta**2, 2.16 + 5.6 * (eta - 2) ** 2)
    forward = np.sqrt((0.107 * energy) ** 2 + 2.08**2 * energy)
    return np.where(eta < _TRACKER, factor * central, forward)


def _hadronic_width(energy: FloatArray, eta: FloatArray) -> FloatArray:
    """Standard deviation of the energy of a cell of the hadronic calorimeter in GeV."""
    central = np.sqrt((0.05 * energy) ** 2 + 1.5**2 * energy)
    return np.where(eta < 3, central, np.sqrt((0.13 * energy) ** 2 + 2.7**2 * energy))


def _smeared(value: FloatArray, sigma: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Log-normal numbers of mean `value` and standard deviation `sigma`: never negative."""
    shape = np.sqrt(np.log1p((sigma / value) ** 2))
    return np.asarray(value * np.exp(shape * rng.standard_normal(len(value)) - shape**2 / 2))
