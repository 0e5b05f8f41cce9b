from __future__ import annotations

import numpy as np
import pytest

from l1ml.data.generation.jet_samples.four_vectors import azimuth, pseudorapidity, transverse
from l1ml.data.generation.jet_samples.particle_flow import particle_flow
from l1ml.data.generation.particles import Particles


def same_particles(pdg: int, charge: float, *, pt: float, eta: float, n: int, rng: np.random.Generator) -> Particles:
    """One particle of a kind in each of `n` collisions."""
    phi, mass = rng.uniform(-np.pi, np.pi, n), 0.0 if pdg == 22 else 0.13957
    pz = np.full(n, pt * np.sinh(eta))
    energy = np.sqrt(pt**2 + pz**2 + mass**2)
    return Particles(
        n_collisions=n,
        collision=np.arange(n),
        pdg=np.full(n, pdg, np.int32),
        charge=np.full(n, charge),
        px=pt * np.cos(phi),
        py=pt * np.sin(phi),
        pz=pz,
        energy=energy,
        prompt=np.zeros(n, bool),
    )


@pytest.mark.parametrize(("pt", "eta", "efficiency", "resolution"), [(20, 0.2, 0.95, 0.0102), (50, 2.0, 0.85, 0.0305)])
def test_tracks(pt: float, eta: float, efficiency: float, resolution: float, rng: np.random.Generator) -> None:
    n = 4000
    momentum, collision = particle_flow(same_particles(211, 1.0, pt=pt, eta=eta, n=n, rng=rng), rng)
    # what has no track is a cell, whose direction is not exact
    tracks = np.abs(pseudorapidity(momentum) - eta) < 1e-9
    assert tracks.mean() * len(momentum) / n == pytest.approx(efficiency, abs=0.02)
    assert (np.diff(collision) >= 0).all()
    measured = transverse(momentum)[tracks] / pt
    assert measured.mean() == pytest.approx(1, abs=4 * resolution / np.sqrt(n))
    assert measured.std() == pytest.approx(resolution, rel=0.06)


@pytest.mark.parametrize(
    ("pdg", "size", "width"),
    [(22, 0.0174, np.sqrt(0.4**2 + 0.11**2 * 40 + 0.32**2)), (130, 0.087, np.sqrt(1.5**2 * 40 + 2.0**2))],
)
def test_cells(pdg: int, size: float, width: float, rng: np.random.Generator) -> None:
    momentum, _ = particle_flow(same_particles(pdg, 0.0, pt=40.0, eta=0.001, n=4000, rng=rng), rng)
    assert len(momentum) == 4000
    assert momentum[:, 3].mean() == pytest.approx(40, abs=4 * width / 60)
    assert momentum[:, 3].std() == pytest.approx(width, rel=0.06)
    assert pseudorapidity(momentum).min() >= 0
    assert pseudorapidity(momentum).max() <= size


def test_neighbours_share_a_cell_but_collisions_do_not(rng: np.random.Generator) -> None:
    two = same_particles(22, 0.0, pt=30.0, eta=0.001, n=2, rng=rng)
    together = Particles(
        n_collisions=3,
        collision=np.array([0, 0, 2, 2]),
        pdg=np.tile(two.pdg, 2),
        charge=np.tile(two.charge, 2),
        px=np.full(4, two.px[0]),
        py=np.full(4, two.py[0]),
        pz=np.tile(two.pz, 2),
        energy=np.tile(two.energy, 2),
        prompt=np.zeros(4, bool),
    )
    momentum, collision = particle_flow(together, rng)
    assert collision.tolist() == [0, 2]
    assert (np.abs(momentum[:, 3] - 60) < 5).all()
    assert (np.abs(azimuth(momentum) - azimuth(np.array([[two.px[0], two.py[0], 0, 0]]))) < 0.0175).all()


@pytest.mark.parametrize(("pdg", "charge", "eta"), [(14, 0.0, 0.5), (13, -1.0, 3.0), (22, 0.0, 5.5)])
def test_what_leaves_no_trace(pdg: int, charge: float, eta: float, rng: np.random.Generator) -> None:
    momentum, collision = particle_flow(same_particles(pdg, charge, pt=30.0, eta=eta, n=50, rng=rng), rng)
    assert (len(momentum), len(collision)) == (0, 0)
