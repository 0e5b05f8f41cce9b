"""Learnt ratios of a Gaussian whose ratio is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from l1ml.errors import ConfigError, DataError, SchemaError
from offline.density import Training
from offline.inference import Normal, Prior, simulate
from offline.inference.learnt_file import write_learnt
from offline.inference.networks import RatioNetwork
from offline.inference.neural_ratio import NeuralRatio, calibration_of, read_ratio

Floats = NDArray[np.float64]

PRIOR = Prior({"mean": Normal(0.0, 1.0)})
BRIEF = Training(updates=300, batch_size=256, learning_rate=5e-3)
BINARY = RatioNetwork(widths=(32, 32), training=BRIEF)


def simulator(theta: Floats, rng: np.random.Generator) -> Floats:
    return theta + rng.normal(size=theta.shape)


def exact(theta: Floats, x: Floats) -> Floats:
    return np.asarray(stats.norm.logpdf(x[:, 0], theta[:, 0], 1) - stats.norm.logpdf(x[:, 0], 0, np.sqrt(2)))


@pytest.mark.parametrize("network", [BINARY, RatioNetwork(widths=(32, 32), contrasts=4, training=BRIEF)], ids=["binary", "nre-c"])
def test_a_ratio_is_learnt_with_its_factor(network: RatioNetwork, tmp_path: Path) -> None:
    learnt = NeuralRatio(network).fit(simulate(PRIOR, simulator, 8000, seed=1))
    test = simulate(PRIOR, simulator, 1000, seed=2)
    difference = learnt.log_ratio(test.theta, test.x) - exact(test.theta, test.x)
    assert np.abs(difference).mean() < 0.12
    assert abs(difference.mean()) < 0.08
    assert calibration_of(learnt, test).p_value > 1e-4
    learnt.write(tmp_path / "a.npz")
    np.testing.assert_array_equal(
        read_ratio(tmp_path / "a.npz").log_ratio(test.theta, test.x), learnt.log_ratio(test.theta, test.x)
    )
    with pytest.raises(DataError, match="do not fit"):
        learnt.log_ratio(test.theta, test.x[:5])


def test_two_hypotheses(rng: np.random.Generator) -> None:
    """CARL: between N(0.5, 1) and N(-0.5, 1) the logarithm of the ratio is x."""
    one, two = (rng.normal(mean, 1.0, (4000, 1)) for mean in (0.5, -0.5))
    found = NeuralRatio(BINARY).fit_two(one, two)
    x = np.linspace(-2, 2, 9)[:, None]
    np.testing.assert_allclose(found.log_ratio(x), x[:, 0], atol=0.35)
    with pytest.raises(DataError, match="as many events of each"):
        NeuralRatio(BINARY).fit_two(one, two[:5])


def test_members_are_trained_together(tmp_path: Path) -> None:
    network = RatioNetwork(widths=(16,), members=3, bootstrap=True, training=Training(100, 128, 5e-3))
    simulations = simulate(PRIOR, simulator, 1000, seed=1)
    learnt = NeuralRatio(network).fit(simulations)
    each = learnt.log_ratio_each(simulations.theta, simulations.x)
    assert each.shape == (1000, 3)
    assert np.abs(np.diff(each, axis=1)).max(axis=0).min() > 1e-3
    np.testing.assert_allclose(learnt.log_ratio(simulations.theta, simulations.x), each.mean(axis=1))
    assert [len(member["held_out_loss"]) for member in learnt.record["members"]] == [
        len(learnt.record["members"][0]["loss"]) + 1
    ] * 3
    learnt.write(tmp_path / "a.npz")
    np.testing.assert_array_equal(read_ratio(tmp_path / "a.npz").log_ratio_each(simulations.theta, simulations.x), each)


def test_what_cannot_be_learnt(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="too few"):
        NeuralRatio(BINARY).fit(simulate(PRIOR, simulator, 20, seed=1))
    with pytest.raises(ConfigError, match="must not be negative"):
        RatioNetwork(contrasts=-1)
    write_learnt(tmp_path / "a.npz", "posterior", {}, {})
    with pytest.raises(SchemaError, match=r"holds a posterior .* expected a ratio"):
        read_ratio(tmp_path / "a.npz")


def test_a_member_is_what_it_would_be_alone() -> None:
    simulations = simulate(PRIOR, simulator, 1000, seed=1)
    network = RatioNetwork(widths=(16,), training=Training(60, 128, 5e-3))
    learnt = (NeuralRatio(replace(network, members=n)).fit(simulations) for n in (1, 3))
    alone, first = (one.log_ratio_each(simulations.theta, simulations.x)[:, 0] for one in learnt)
    # the same start and batches: what differs is the order of sums
    np.testing.assert_allclose(first, alone, atol=1e-3)
    assert np.abs(alone).max() > 0.2
