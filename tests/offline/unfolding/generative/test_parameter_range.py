from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from l1ml.errors import ConfigError, DataError
from offline.unfolding import GaussianToy, Measured, Objects, Simulation
from offline.unfolding.generative import FlowMatching, ParameterRange, Training, mixture

VALUES = (-1.0, -0.5, 0.0, 0.5, 1.0)
NATURE = 0.7


@pytest.fixture
def simulations(rng: np.random.Generator) -> list[Simulation]:
    return [GaussianToy(smear=1.0, shift=value, width=1.0).nature(5000, rng) for value in VALUES]


@pytest.fixture
def data(rng: np.random.Generator) -> Measured:
    return GaussianToy(smear=1.0, shift=NATURE, width=1.0).nature(10_000, rng).measured()


def test_an_estimate_as_condition_takes_the_bias_away(simulations: list[Simulation], data: Measured) -> None:
    method = FlowMatching(widths=(32, 32), steps=4, training=Training(updates=150, batch_size=1024, learning_rate=5e-3))
    parameter = ParameterRange("x", batch=500)
    inputs = {
        "single": (simulations[2], data),
        "estimate": parameter.prepare(simulations, data),
    }
    bias = {name: method.fit(*pair).gen.mean() - NATURE for name, pair in inputs.items()}
    assert bias["single"] == pytest.approx(-0.5 * NATURE, abs=0.06)
    assert abs(bias["estimate"]) < 0.07


def test_each_batch_has_its_own_estimate(simulations: list[Simulation], data: Measured) -> None:
    parameter = ParameterRange("x", batch=600)
    mc, measured = parameter.prepare(simulations, data, seed=2)
    assert mc.reco_names == measured.names == ("x", "estimate of x")
    np.testing.assert_array_equal(measured.reco[:, 1], data.reco.mean())
    estimates, counts = np.unique(mc.reco[:, 1], return_counts=True)
    assert len(estimates) == 5 * (5000 // 600)
    assert counts.min() >= 600
    for estimate in estimates[:3]:
        assert mc.reco[mc.reco[:, 1] == estimate, 0].mean() == pytest.approx(estimate)
    again = parameter.prepare(simulations, data, seed=2)[0]
    np.testing.assert_array_equal(again.reco, mc.reco)


def test_the_window_leaves_tails_out(simulations: list[Simulation], data: Measured) -> None:
    reco = data.reco.copy()
    reco[:50] = 1e4
    far = replace(data, reco=reco)
    measured = ParameterRange("x", batch=600, window=0.8).prepare(simulations, far)[1]
    assert measured.reco[0, 1] == pytest.approx(data.reco.mean(), abs=0.05)


def test_values_weigh_the_same(simulations: list[Simulation]) -> None:
    mc = mixture([simulations[0].select(np.arange(100)), simulations[1]])
    assert mc.weight[:100].sum() == pytest.approx(mc.weight[100:].sum())


def test_what_does_not_belong_together_is_refused(simulations: list[Simulation], data: Measured) -> None:
    with pytest.raises(DataError, match="received none"):
        mixture([])
    with pytest.raises(DataError, match="must have the same quantities"):
        mixture([simulations[0], replace(simulations[1], gen_names=("other",))])
    objects = Objects(np.zeros((simulations[0].n, 1, 1)), np.ones((simulations[0].n, 1), bool), ("pt",))
    with pytest.raises(DataError, match="columns_only"):
        mixture([replace(simulations[0], reco_objects=objects), simulations[1]])
    with pytest.raises(DataError, match=r"unknown quantity 'y'; .*x"):
        ParameterRange("y").prepare(simulations, data)
    with pytest.raises(DataError, match="fewer than one batch of 6000"):
        ParameterRange("x", batch=6000).prepare(simulations, data)
    with pytest.raises(ConfigError, match="window in"):
        ParameterRange("x", window=0)
