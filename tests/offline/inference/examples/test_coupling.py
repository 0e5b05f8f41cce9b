from __future__ import annotations

import json

import numpy as np
import pytest

from offline.inference.examples.coupling import CouplingStudy
from offline.inference.examples.coupling_result import CouplingResult
from offline.inference.plots import plot_expected_limits, plot_toy_statistics

GRID = np.linspace(-1, 1, 401)


def test_intervals_and_shares() -> None:
    statistic = np.square((GRID - 0.1) / 0.2)
    toys = np.r_[np.zeros(70), np.full(20, 2.0), np.full(10, 5.0)]
    found = CouplingResult(GRID, {"exact": statistic}, {"exact": {0.1: toys}})
    np.testing.assert_allclose(found.limits()["exact"], [0.1 - 0.2 * 1.96, 0.1 + 0.2 * 1.96], atol=1e-3)
    assert [(level, share) for _, _, level, share, *_ in found.shares()] == [(0.683, 0.7), (0.95, 0.9)]
    # of a hundred toys the statistic of the 96th
    np.testing.assert_allclose(found.calibrated_limits()["exact"], [0.1 - 0.2 * 5**0.5, 0.1 + 0.2 * 5**0.5], atol=1e-3)
    assert json.loads(json.dumps(found.to_dict()))["coverage"][0]["toys"] == 100
    plot_expected_limits(found).figure.canvas.draw()
    plot_toy_statistics(found).figure.canvas.draw()


def test_a_belt_is_wider_where_toys_say_so() -> None:
    toys = {-1.0: np.full(50, 4.0), 0.0: np.full(50, 1.0), 1.0: np.full(50, 9.0)}
    low, high = CouplingResult(GRID, {"exact": np.square(GRID / 0.2)}, {"exact": toys}).calibrated_limits()["exact"]
    # (c / 0.2)^2 = 1 - 3 c below 0, and 1 + 8 c above
    assert low == pytest.approx((-3 - (9 + 100) ** 0.5) / 50, abs=1e-3)
    assert high == pytest.approx((8 + (64 + 100) ** 0.5) / 50, abs=1e-3)


def test_a_calibration_is_judged_by_other_toys(rng: np.random.Generator) -> None:
    # of a statistic that is half as large as chi squared, and of one that is twice as large
    for factor, covered in ((0.5, 0.994), (2.0, 0.834)):
        toys = factor * rng.chisquare(1, 40_000)
        found = CouplingResult(GRID, {}, {"learnt": {0.0: toys, 0.1: toys[::-1]}}).pooled()["learnt"]
        assert found["toys"] == 80_000
        assert found["share"] == pytest.approx(covered, abs=0.01)
        assert found["calibrated"] == pytest.approx(0.95, abs=0.01)


def test_an_interval_that_leaves_the_grid_ends_with_it() -> None:
    found = CouplingResult(GRID, {"flat": 0.1 * np.square(GRID)}, {})
    assert found.limits()["flat"] == (-1.0, 1.0)


def test_a_histogram_says_less_than_events() -> None:
    """Without a network: the exact likelihood, and counts in bins of pT."""
    study = CouplingStudy()
    x, weight = study._asimov()
    assert weight.sum() == pytest.approx(1000)
    tables = {"exact": study._table(study._exact, x, weight), "histogram": study._histogram()}
    limits = CouplingResult(study.grid, {name: study._statistic(study._profiled(t)) for name, t in tables.items()}, {}).limits()
    assert limits["histogram"][0] < limits["exact"][0] < 0 < limits["exact"][1] < limits["histogram"][1]
    # what is expected is what the standard model says
    exact = study._statistic(study._profiled(tables["exact"]))
    assert abs(study.grid[np.argmin(exact)]) < 0.002
