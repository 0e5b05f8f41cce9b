from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.figure import Figure

from l1ml.errors import DataError
from offline.inference import GaussianModel, simulate
from offline.inference.diagnostics import diagnose, misspecification, predictive_check, ratio_calibration
from offline.inference.neyman import ConfidenceSet, asymptotic_belt
from offline.inference.plots import (
    plot_coverage,
    plot_coverage_map,
    plot_misspecification,
    plot_posterior,
    plot_predictive,
    plot_ranks,
    plot_ratio_calibration,
    plot_scan,
)

MODEL = GaussianModel()


def saved(figure: Figure) -> None:
    figure.savefig(io.BytesIO())


def test_calibration() -> None:
    found = diagnose(MODEL.posterior(), simulate(MODEL.prior, MODEL, 100, seed=1), draws=30)
    ax = plot_ranks(found.ranks)
    # one curve for each parameter
    assert len(ax.lines) == 2
    saved(ax.figure)  # type: ignore[arg-type]
    np.testing.assert_array_equal(plot_coverage(found.balls).lines[1].get_ydata()[[0, -1]], [0, 1])  # type: ignore[index]


def test_models_and_ratios(rng: np.random.Generator) -> None:
    x = np.array([0.1, 0.2, -0.3])
    check = predictive_check(MODEL, MODEL.prior, MODEL.posterior().sample(x, 50, rng), x, rng)
    assert len(plot_predictive(check).lines[0].get_xdata()) == 3  # type: ignore[arg-type]
    far = misspecification(x[None], MODEL(MODEL.prior.sample(50, rng), rng), rng, permutations=49)
    assert plot_misspecification(far).lines[0].get_xdata()[0] == far.distance  # type: ignore[index]
    curve = ratio_calibration(rng.normal(size=200), rng.random(200) < 0.5)
    np.testing.assert_array_equal(plot_ratio_calibration(curve).lines[1].get_ydata(), curve.observed)


def test_posterior(rng: np.random.Generator) -> None:
    draws = MODEL.posterior().sample(np.zeros(3), 500, rng)
    figure = plot_posterior(("a", "b"), draws, truth=np.zeros(2))
    saved(figure)
    assert [ax.axison for ax in figure.axes] == [True, False, True, True]
    with pytest.raises(DataError, match=r"draws of shape \(500, 2\) do not fit the parameters a"):
        plot_posterior(("a",), draws)


def test_scans(rng: np.random.Generator) -> None:
    line, plane = np.linspace(-1, 1, 21)[:, None], rng.uniform(-1, 1, (200, 2))
    for grid, names in ((line, ("a",)), (plane, ("a", "b"))):
        found = ConfidenceSet(asymptotic_belt(grid, 0.683, 1), 10 * np.square(grid).sum(axis=1))
        saved(plot_scan(found, names).figure)  # type: ignore[arg-type]
    belt = asymptotic_belt(line, 0.683, 1)
    assert plot_coverage_map(belt, np.full(21, 0.7), np.full(21, 0.02), "a").get_xlabel() == "a"
    deep = ConfidenceSet(asymptotic_belt(np.zeros((4, 3)), 0.683, 1), np.zeros(4))
    with pytest.raises(DataError, match="a scan of 3 parameters cannot be drawn"):
        plot_scan(deep, ("a", "b", "c"))
