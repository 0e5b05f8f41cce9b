"""Truncated rounds: with a posterior that is known in place of the network, and with the network against a known posterior."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from l1ml.errors import ConfigError, DataError
from offline.density import Training
from offline.inference import Prior, Simulations, Uniform, sequential, simulate
from offline.inference.networks import Flow
from offline.inference.neural_posterior import DenseLearntPosterior, NeuralPosterior
from offline.inference.sequential import Cut, sequential_posterior

Floats = NDArray[np.float64]

PRIOR = Prior({"a": Uniform(-10, 10), "b": Uniform(-10, 10)})
X = np.array([4.0, 2.0])
NOISE = 0.2


def bent(theta: Floats) -> Floats:
    return np.stack([theta[:, 0], theta[:, 1] - 0.1 * np.square(theta[:, 0])], axis=1)


def simulator(theta: Floats, rng: np.random.Generator) -> Floats:
    return bent(theta) + rng.normal(0, NOISE, theta.shape)


def exact_draws(n: int, rng: np.random.Generator) -> Floats:
    a = rng.normal(X[0], NOISE, n)
    return np.stack([a, rng.normal(X[1], NOISE, n) + 0.1 * np.square(a)], axis=1)


def exact_log_density(theta: Floats) -> Floats:
    return np.asarray(stats.norm.logpdf(bent(theta), X, NOISE).sum(axis=1))


class Exact:
    """What a perfect network would have learnt."""

    prior, record = PRIOR, {"losses": []}

    def sample(self, x: Floats, n: int, rng: np.random.Generator) -> Floats:
        return exact_draws(n, rng)

    def log_density(self, theta: Floats, x: Floats) -> Floats:
        return exact_log_density(theta)


def test_a_cut_is_the_region_of_highest_density(rng: np.random.Generator) -> None:
    cut = Cut.of(Exact(), X, 0.05, rng, 20_000)  # type: ignore[arg-type]
    # chi squared with two degrees of freedom
    theta = exact_draws(20_000, rng)
    inside = np.square((bent(theta) - X) / NOISE).sum(axis=1) < stats.chi2.ppf(0.95, 2)
    assert (cut.holds(theta) == inside).mean() > 0.99


def test_later_rounds_come_from_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Simulations] = []

    def learnt(network: Any, simulations: Simulations, seed: int, progress: Any) -> Any:
        seen.append(simulations)
        return Exact()

    monkeypatch.setattr(sequential, "_learnt", learnt)
    found = sequential_posterior(PRIOR, simulator, X, rounds=(3000, 400, 400), lost=0.01)
    distance = [np.square((bent(part.theta) - X) / NOISE).sum(axis=1) for part in seen]
    assert (distance[0] > 1000).any()
    for later in distance[1:]:
        # chi squared of which 1 % is left out, from 5000 draws
        assert later.max() < stats.chi2.ppf(0.995, 2)
        # the prior is flat: uniform in area, which is uniform in the square of the distance
        assert stats.kstest(later / later.max(), "uniform").pvalue > 1e-3
    assert len(seen[2]) > 780
    share = [one["share_of_prior"] for one in found.record]
    assert share[0] == 1.0
    assert share[1] == pytest.approx(np.pi * NOISE**2 * stats.chi2.ppf(0.99, 2) / 400, rel=0.3)
    assert np.isneginf(found.log_density(np.array([[-9.0, -9.0]]))).all()
    assert len(found.sample(500, np.random.default_rng(1))) == 500


def test_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="rounds need positive"):
        sequential_posterior(PRIOR, simulator, X, rounds=())
    monkeypatch.setattr(sequential, "_learnt", lambda *_: Exact())
    wide = Prior({"a": Uniform(-1e4, 1e4), "b": Uniform(-1e4, 1e4)})
    with pytest.raises(DataError, match="the cuts leave 0 of"):
        sequential_posterior(wide, simulator, X, rounds=(100, 100))


@pytest.mark.slow
def test_rounds_are_worth_their_simulations() -> None:
    """Kullback-Leibler divergence from the exact posterior, 2400 simulations in one round and in three."""
    flow = Flow(depth=2, widths=(32, 32), transform="affine", training=Training(800, 128, 2e-3))
    draws = exact_draws(2000, np.random.default_rng(3))
    once = NeuralPosterior(flow).fit(simulate(PRIOR, simulator, 2400, seed=1))
    assert isinstance(once, DenseLearntPosterior)
    rounds = sequential_posterior(PRIOR, simulator, X, rounds=(800, 800, 800), network=flow)
    found = rounds.log_density(draws)
    inside = np.isfinite(found)
    assert inside.mean() > 0.99
    difference = exact_log_density(draws)
    assert (difference - found)[inside].mean() < 0.5 * (difference - once.log_density(draws, X)).mean()
