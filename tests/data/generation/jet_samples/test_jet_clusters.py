from __future__ import annotations

import numpy as np
import pytest
from jets_toy import toy_constituents, toy_jets

from l1ml.data.generation.jet_samples.four_vectors import four_vectors, mass, pseudorapidity, rapidity, transverse
from l1ml.data.generation.jet_samples.jet_clusters import anti_kt_jets, soft_drop, subjettiness


def pair(first: float, second: float, apart: float) -> np.ndarray:
    """Two massless particles of these pt."""
    pt, phi = np.array([first, second]), np.array([0.0, apart])
    return four_vectors(pt, np.zeros(2), phi, pt)


def test_jets_come_by_collision_and_falling_pt_with_their_constituents(rng: np.random.Generator) -> None:
    parts = [toy_constituents(30, rng), toy_constituents(20, rng, eta=-1, phi=0), toy_constituents(5, rng)]
    momentum = np.concatenate(parts)
    collision = np.repeat([0, 0, 2], [30, 20, 5])
    jets = anti_kt_jets(momentum, collision, 4, radius=0.8, min_pt=3, max_eta=5)
    pt = transverse(jets.momentum)
    assert set(jets.collision.tolist()) == {0, 2}
    assert all((np.diff(pt[jets.collision == k]) <= 0).all() for k in (0, 2))
    np.testing.assert_allclose(jets.momentum, [part.sum(axis=0) for part in jets.parts()], rtol=1e-9)
    leading = jets.leading()
    assert leading.collision.tolist() == [0, 2]
    assert transverse(leading.momentum)[0] == pt[jets.collision == 0].max()
    assert len(leading.constituents) == leading.count.sum()


def test_acceptance_of_jets(rng: np.random.Generator) -> None:
    momentum = np.concatenate([toy_constituents(30, rng, eta=0.5), toy_constituents(30, rng, eta=2.9, phi=0)])
    everywhere, central = (
        anti_kt_jets(momentum, np.zeros(60, int), 1, radius=0.8, min_pt=50, max_eta=limit) for limit in (5, 2.5)
    )
    assert (len(everywhere), len(central)) == (2, 1)
    assert abs(pseudorapidity(central.momentum)[0]) < 2.5


@pytest.mark.parametrize(("soft", "kept"), [(30.0, 2), (5.0, 1)])
def test_soft_drop_of_two_particles(soft: float, kept: int) -> None:
    momentum = pair(100.0, soft, 0.3)
    jets = anti_kt_jets(momentum, np.zeros(2, int), 1, radius=0.8, min_pt=10, max_eta=5)
    left = soft_drop(jets)
    assert left.count.tolist() == [kept]
    assert left.fraction[0] == pytest.approx(soft / (100 + soft) if kept == 2 else 0)
    assert left.mass[0] == pytest.approx(np.sqrt(2 * 100 * soft * (1 - np.cos(0.3))) if kept == 2 else 0, abs=1e-5)


def test_soft_drop_leaves_a_part_of_the_jet(rng: np.random.Generator) -> None:
    jets = toy_jets([60, 3, 25], rng)
    left = soft_drop(jets)
    assert (left.count <= jets.count).all()
    assert (left.mass <= mass(jets.momentum) + 1e-3).all()
    for part, whole in zip(left.parts(), jets.parts(), strict=True):
        assert {tuple(row) for row in part.round(6)} <= {tuple(row) for row in whole.round(6)}
        assert mass(part.sum(axis=0)) == pytest.approx(left.mass[len(part) == left.count][0], rel=1e-4)
    passed = left.fraction > 0
    assert (left.fraction[passed] >= 0.1).all()
    assert (left.fraction <= 0.5).all()


def test_subjettiness_of_clear_cases(rng: np.random.Generator) -> None:
    jets = toy_jets([40, 40], rng)
    both = toy_jets([1, 1], rng)
    assert (subjettiness(jets, 2) < subjettiness(jets, 1)).all()
    np.testing.assert_array_equal(subjettiness(both, 1), [0, 0])
    two = anti_kt_jets(pair(100, 50, 0.4), np.zeros(2, int), 1, radius=0.8, min_pt=10, max_eta=5)
    assert subjettiness(two, 1)[0] == pytest.approx(0.4 * 50 / 150)  # the axis is the harder one
    assert subjettiness(two, 2)[0] == pytest.approx(0, abs=1e-9)


def test_rapidity_of_massless_and_heavy_particles() -> None:
    light, heavy = (
        four_vectors(np.array([5.0]), np.array([1.7]), np.zeros(1), np.array([5 * np.cosh(1.7)]))[0],
        np.array([0, 0, 3.0, 5]),
    )
    assert rapidity(light) == pytest.approx(1.7)
    assert rapidity(heavy) == pytest.approx(0.5 * np.log(8 / 2))
