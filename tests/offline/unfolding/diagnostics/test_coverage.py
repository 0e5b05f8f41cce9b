from __future__ import annotations

import json

import numpy as np
import pytest
from binned_ratio import BinnedRatio
from scipy import stats

from offline.unfolding import GaussianToy
from offline.unfolding.diagnostics.coverage import ONE_SIGMA, Coverage, coverage
from offline.unfolding.quantities import Mean, Spread, Yield
from offline.unfolding.replicas import Uncertainties

FEW = Uncertainties(data=20, mc=20, ensemble=0)


def test_intervals_of_a_method_without_bias_cover() -> None:
    """With simulation and nature alike and a detector that is nearly perfect, nothing but statistics is left."""
    toy = GaussianToy(smear=0.05, shift=0.0, width=1.0, misses=0.2, fakes=0.1)
    quantities = {"yield": Yield(), "mean": Mean(), "upper": Yield(low=0.0), "sd": Spread()}
    truth = {"yield": 1000.0, "mean": 0.0, "upper": 500.0, "sd": 1.0}
    found = coverage(BinnedRatio(bins=40), toy, 60, quantities, truth, n=(1000, 1000), uncertainties=FEW)
    # exact binomial limits of three standard deviations
    low, high = stats.binom.ppf([0.0013, 0.9987], 60, ONE_SIGMA) / 60
    assert ((found.covered >= low) & (found.covered <= high)).all(), found.covered
    plain = found.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["quantities"]["yield"]["spread"] == pytest.approx(plain["quantities"]["yield"]["error"], rel=0.4)


def test_a_bias_is_found_out() -> None:
    toy = GaussianToy(smear=1.5, shift=0.5)
    found = coverage(BinnedRatio(), toy, 5, {"mean": Mean()}, {"mean": 0.5}, n=(3000, 3000), uncertainties=FEW)
    assert found.covered[0] == 0
    assert found.pulls.mean() < -3


def test_toys_are_kept_and_do_not_depend_on_how_many_there_are() -> None:
    kept: dict[str, dict[str, np.ndarray]] = {}

    class Memory:
        def read(self, step):
            return kept.get(step)

        def write(self, step, arrays):
            kept[step] = arrays

    def run(n_toys: int, checkpoint, workers: int = 1) -> Coverage:
        wanted = Uncertainties(data=2, mc=0, ensemble=0)
        settings = {"n": (500, 500), "uncertainties": wanted, "checkpoint": checkpoint, "workers": workers}
        return coverage(BinnedRatio(), GaussianToy(), n_toys, {"mean": Mean()}, {"mean": 0.2}, **settings)

    first, more = run(2, Memory()), run(3, Memory())
    assert len(kept) == 3
    kept.clear()
    np.testing.assert_array_equal(run(3, Memory(), workers=2).errors, more.errors)
    assert len(kept) == 3
    np.testing.assert_array_equal(first.estimates, more.estimates[:2])


def test_binomial_intervals_of_the_share() -> None:
    pulls = np.array([0.5] * 7 + [2.0] * 3)[:, None]
    found = Coverage(("a",), np.zeros(1), pulls, np.ones((10, 1)))
    low, high = found.intervals[:, 0]
    tail = (1 - ONE_SIGMA) / 2
    assert stats.binom.sf(6, 10, low) == pytest.approx(tail)
    assert stats.binom.cdf(7, 10, high) == pytest.approx(tail)
    none = Coverage(("a",), np.zeros(1), np.full((10, 1), 2.0), np.ones((10, 1)))
    assert none.intervals[0, 0] == 0
