from __future__ import annotations

import numpy as np

from offline.inference.examples.decays import boosted, mass_of, two_body, unit_vectors


def test_momentum_and_masses_are_kept(rng: np.random.Generator) -> None:
    mass, flight = rng.uniform(5, 10, 200), rng.normal(0, 20, (200, 3))
    parent = np.concatenate([np.sqrt(np.square(mass) + np.square(flight).sum(axis=1))[:, None], flight], axis=1)
    masses = rng.uniform(0, 2, 200), rng.uniform(0, 2, 200)
    products = two_body(parent, mass, masses, rng)
    np.testing.assert_allclose(products[0] + products[1], parent, atol=1e-9)
    for product, expected in zip(products, masses, strict=True):
        np.testing.assert_allclose(mass_of(product), expected, atol=1e-4)


def test_rest_is_boosted_to_the_parent() -> None:
    parent = np.array([5.0, 0.0, 3.0, 0.0])
    np.testing.assert_allclose(boosted(np.array([4.0, 0.0, 0.0, 0.0]), parent, np.array(4.0)), parent)


def test_directions_are_isotropic(rng: np.random.Generator) -> None:
    found = unit_vectors((20_000,), rng)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0)
    np.testing.assert_allclose(np.cov(found.T), np.eye(3) / 3, atol=0.015)
