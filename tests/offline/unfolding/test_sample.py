from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from l1ml.errors import ConfigError, DataError
from offline.unfolding import GaussianToy, Measured, Simulation, check_inputs
from offline.unfolding.gaussian_toy import em_moments


@pytest.fixture
def mc(rng: np.random.Generator) -> Simulation:
    return GaussianToy(misses=0.2, fakes=0.1).simulation(2000, rng)


def test_toy_has_the_shares_it_promises(rng: np.random.Generator) -> None:
    nature = GaussianToy(misses=0.2, fakes=0.1).nature(200_000, rng)
    assert nature.pass_gen.sum() == 200_000
    assert (~nature.pass_reco[nature.pass_gen]).mean() == pytest.approx(0.2, abs=0.005)
    assert (~nature.pass_gen[nature.pass_reco]).mean() == pytest.approx(0.1, abs=0.005)
    truth = nature.gen[nature.pass_gen]
    assert truth.mean() == pytest.approx(0.2, abs=0.01)
    assert truth.std() == pytest.approx(0.9, abs=0.01)
    assert nature.measured().n == nature.pass_reco.sum()
    with pytest.raises(ConfigError, match="must be positive"):
        GaussianToy(smear=0)


def test_an_experiment_counts_true_events_and_fakes_independently(rng: np.random.Generator) -> None:
    """A bootstrap of the data tells the variance of a Poisson number and no other."""
    toy = GaussianToy(misses=0.2, fakes=0.5)
    drawn = [toy.experiment(50, rng) for _ in range(2000)]
    counts = np.array([(one.pass_both.sum(), (one.pass_reco & ~one.pass_gen).sum()) for one in drawn])
    assert counts.mean(axis=0) == pytest.approx([40, 40], rel=0.02)
    # five standard deviations of the variance of so many Poisson numbers
    assert counts.sum(axis=1).var() == pytest.approx(80, rel=0.16)


def test_em_leaves_the_published_shares_of_the_shift() -> None:
    means, widths = em_moments(3.0, (0.0, 1.0), (0.2, np.hypot(0.9, 3.0)), 200)
    left = 1 - means / 0.2
    assert np.round(left[[0, 2, 4, 9, 19]], 2).tolist() == [0.9, 0.73, 0.59, 0.35, 0.13]
    assert np.round(widths[[9, 199]], 3).tolist() == [0.991, 0.92]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": np.zeros(2000)}, "must be positive"),
        ({"weight": np.ones(5)}, r"shape \(5,\), expected"),
        ({"pass_gen": np.zeros(2000, bool)}, "no event of simulated gen passes"),
        ({"gen_names": ("a", "b")}, "one column for each"),
    ],
)
def test_impossible_simulation_is_refused(mc: Simulation, change: dict[str, object], message: str) -> None:
    whole = mc.select(np.arange(2000))
    with pytest.raises(DataError, match=message):
        replace(whole, **change)


def test_only_values_that_count_must_be_finite(mc: Simulation) -> None:
    missed = np.flatnonzero(~mc.pass_reco)[0]
    reco = mc.reco.copy()
    reco[missed] = np.nan
    replace(mc, reco=reco)
    reco[np.flatnonzero(mc.pass_reco)[3]] = np.inf
    with pytest.raises(DataError, match=r"simulated reco 'x' of event row .* is inf; 1 values"):
        replace(mc, reco=reco)


def test_background_is_subtracted(mc: Simulation) -> None:
    data = mc.measured()
    few = data.select(np.arange(100)).reweighted(np.full(100, 0.5))
    assert data.without(few).weight.sum() == pytest.approx(data.n - 50)
    with pytest.raises(DataError, match="must be positive"):
        data.without(data)
    with pytest.raises(DataError, match="background has the quantities"):
        data.without(replace(few, names=("y",)))


def test_data_and_simulation_must_belong_together(mc: Simulation) -> None:
    data = mc.measured()
    check_inputs(mc, data)
    with pytest.raises(DataError, match="no overlap in 'x'"):
        check_inputs(mc, replace(data, reco=data.reco + 1000))
    with pytest.raises(DataError, match="must agree"):
        check_inputs(mc, replace(data, names=("y",)))


def test_no_event_is_no_data() -> None:
    with pytest.raises(DataError, match="no event of measured data"):
        Measured(np.zeros((0, 1)), np.zeros(0), np.zeros(0, np.uint64), ("x",))
