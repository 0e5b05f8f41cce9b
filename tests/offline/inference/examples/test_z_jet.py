"""The toy: what it generates is what it says of its density."""

from __future__ import annotations

import numpy as np
import pytest

from offline.inference.examples.z_jet import ExactRatio, ZJet
from offline.inference.neyman import log_likelihoods

MODEL = ZJet()
POINTS = np.array([[0.0, 0.0], [0.2, 1.0], [-0.2, -1.5]])


def test_the_density_integrates_to_the_cross_section() -> None:
    axes = np.linspace(1e-6, 2.7, 271), np.linspace(-2.2, 2.2, 111)
    grid = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
    edge = np.repeat(np.r_[0.5, np.ones(269), 0.5], 111)
    area = (axes[0][1] - axes[0][0]) * (axes[1][1] - axes[1][0])
    np.testing.assert_allclose(MODEL.density(POINTS, grid) @ edge * area, MODEL.cross_section(POINTS), rtol=2e-3)


@pytest.mark.parametrize("point", POINTS.tolist())
def test_weighted_events_follow_the_density(point: list[float]) -> None:
    events = MODEL.events(100_000, np.random.default_rng(1))
    weight = events.weights_at(np.array(point))
    edges = np.array([0.0, 0.2, 0.5, 1.0, np.inf])
    rows = np.digitize(events.x[:, 0], edges) - 1
    found, error = (np.bincount(rows, weight**power, minlength=4) ** (1 / power) for power in (1, 2))
    assert (np.abs(found - MODEL.selected(np.array([point]), edges)[0]) < 5 * error).all()


def test_ratios_of_pairs_and_of_tables_agree(rng: np.random.Generator) -> None:
    ratio, x = ExactRatio(MODEL), MODEL.events(200, rng).x[:20]
    np.testing.assert_allclose(log_likelihoods(ratio, POINTS, x), ratio.log_ratios(POINTS, x).sum(axis=1))
    np.testing.assert_allclose(ratio.log_ratios(POINTS[:1], x), 0.0, atol=1e-12)
