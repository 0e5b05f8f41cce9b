"""Learnt posteriors of models whose posterior is known."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from l1ml.errors import ConfigError, DataError, SchemaError
from offline.density import Training
from offline.inference import DensePosterior, GaussianModel, Normal, Prior, Simulations, Uniform, simulate
from offline.inference.diagnostics import diagnose
from offline.inference.learnt_file import write_learnt
from offline.inference.networks import Diffusion, Flow, Matching, Summary
from offline.inference.neural_likelihood import LikelihoodPosterior, NeuralLikelihood, read_likelihood
from offline.inference.neural_posterior import DenseLearntPosterior, LearntPosterior, NeuralPosterior, read_posterior
from offline.inference.simulator import Observed

MODEL = GaussianModel()
BRIEF = Training(updates=60, batch_size=256, learning_rate=2e-3)
FLOW = Flow(depth=1, widths=(16,), transform="affine", training=BRIEF)
MATCHING = Matching(widths=(32,), steps=6, training=BRIEF)
X = np.array([0.5, -0.8, 0.3])

Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def learnt() -> LearntPosterior:
    return NeuralPosterior(FLOW).fit(simulate(MODEL.prior, MODEL, 4000, seed=1), seed=1)


def test_a_gaussian_posterior_is_learnt(learnt: LearntPosterior, rng: np.random.Generator) -> None:
    draws, exact = learnt.sample(X, 4000, rng), MODEL.posterior()
    sd = np.sqrt(np.diag(exact.covariance))
    np.testing.assert_allclose(draws.mean(axis=0), exact.means(X[None])[0], atol=0.1 * sd.min())
    np.testing.assert_allclose(draws.std(axis=0), sd, rtol=0.06)
    assert isinstance(learnt, DensePosterior)
    test = simulate(MODEL.prior, MODEL, 300, seed=2)
    difference = learnt.log_density_each(test, test.theta[:, None]) - exact.log_density_each(test, test.theta[:, None])
    assert abs(difference.mean()) < 0.03
    assert diagnose(learnt, test, draws=40).p_value > 1e-3


def test_draws_are_the_same_after_writing_and_reading(learnt: LearntPosterior, tmp_path: Path) -> None:
    learnt.write(tmp_path / "a.npz")
    again = read_posterior(tmp_path / "a.npz")
    for x in (X, -X):
        ours, theirs = (one.sample(x, 100, np.random.default_rng(3)) for one in (learnt, again))
        np.testing.assert_array_equal(ours, theirs)
    assert (again.prior, again.record) == (learnt.prior, learnt.record)


def test_files_of_something_else(learnt: LearntPosterior, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist; make it with: l1ml-offline infer train"):
        read_posterior(tmp_path / "no.npz")
    write_learnt(tmp_path / "b.npz", "calibration", {}, {"a": np.zeros(3)})
    with pytest.raises(SchemaError, match=r"holds a calibration .* expected a posterior"):
        read_posterior(tmp_path / "b.npz")
    (tmp_path / "c.npz").write_bytes(b"text")
    with pytest.raises(DataError, match="is damaged"):
        read_posterior(tmp_path / "c.npz")


def test_flow_matching_of_an_ensemble(rng: np.random.Generator) -> None:
    """Two parameters in a box: all draws are inside, and the members are different."""
    prior = Prior({"a": Uniform(0.0, 1.0), "b": Uniform(-1.0, 1.0)})

    def noisy(theta: Floats, rng: np.random.Generator) -> Floats:
        return theta + rng.normal(0, 0.2, theta.shape)

    settings = Matching(widths=(32,), steps=6, training=BRIEF, members=2)
    posterior = NeuralPosterior(settings).fit(simulate(prior, noisy, 1000, seed=1))
    draws = posterior.sample(np.array([0.99, 0.0]), 2000, rng)
    assert prior.supports(draws).all()
    assert not isinstance(posterior, DensePosterior)
    assert [len(member["held_out_loss"]) for member in posterior.record["members"]] == [21, 21]
    assert posterior.sample(np.array([0.5, 0.0]), 3, rng).shape == (3, 2)
    assert draws[:, 1].std() < 0.35


def test_plain_coordinates_stay_in_a_box(rng: np.random.Generator) -> None:
    """Near the end of a box half of the posterior is cut off: what is left is half of a Gaussian."""
    prior = Prior({"a": Uniform(0.0, 1.0), "b": Uniform(-1.0, 1.0)})

    def noisy(theta: Floats, rng: np.random.Generator) -> Floats:
        return theta + rng.normal(0, 0.05, theta.shape)

    training = Training(updates=400, batch_size=256, learning_rate=4e-3)
    settings = Diffusion(widths=(32,), steps=8, training=training, coordinates="plain")
    posterior = NeuralPosterior(settings).fit(simulate(prior, noisy, 4000, seed=1))
    draws = posterior.sample(np.array([1.0, 0.0]), 2000, rng)
    assert prior.supports(draws).all()
    assert draws[:, 0].mean() == pytest.approx(1 - 0.05 * np.sqrt(2 / np.pi), abs=0.02)
    assert draws[:, 1].std() == pytest.approx(0.05, rel=0.2)
    both = posterior.sample_each(simulate(prior, noisy, 3, seed=2), 10, rng)
    assert both.shape == (3, 10, 2)
    assert prior.supports(both).all()


def test_a_posterior_outside_the_prior(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    prior = Prior({"a": Uniform(0.0, 1.0)})
    simulations = simulate(prior, lambda theta, rng: theta + rng.normal(0, 0.01, theta.shape), 200, seed=1)
    settings = Diffusion(widths=(4,), steps=2, training=Training(1, 64, 1e-3), coordinates="plain")
    posterior = NeuralPosterior(settings).fit(simulations)
    monkeypatch.setattr("offline.inference.neural_posterior._ROUNDS", 2)
    with pytest.raises(DataError, match="of 20 draws 20 stay outside the prior"):
        posterior.sample(np.array([2.0]), 20, rng)


def test_sets_of_any_size(rng: np.random.Generator) -> None:
    """The mean of n numbers says 1 + n in units of the precision of the prior."""
    prior = Prior({"mean": Normal(0.0, 1.0)})

    def sets(theta: Floats, rng: np.random.Generator) -> Observed:
        mask = np.arange(8) < rng.integers(1, 9, len(theta))[:, None]
        return theta[:, None] + rng.normal(size=(len(theta), 8, 1)), mask

    settings = Flow(
        depth=1, widths=(16,), transform="affine", training=Training(400, 256, 4e-3), summary=Summary((16,), (16,), 4)
    )
    posterior = NeuralPosterior(settings).fit(simulate(prior, sets, 4000, seed=1))
    assert isinstance(posterior, DenseLearntPosterior)
    for n in (2, 8):
        x = np.full((n, 1), 0.6)
        draws = posterior.sample(x, 2000, rng)[:, 0]
        assert draws.mean() == pytest.approx(0.6 * n / (n + 1), abs=0.12)
        assert draws.std() == pytest.approx(1 / np.sqrt(n + 1), rel=0.2)
        # one parameter has a density, too
        grid = np.linspace(-4, 4, 161)[:, None]
        assert np.exp(posterior.log_density(grid, x)).sum() * 0.05 == pytest.approx(1.0, abs=0.02)


def test_observations_that_make_no_sense(learnt: LearntPosterior, rng: np.random.Generator) -> None:
    with pytest.raises(DataError, match="not finite"):
        learnt.sample(np.array([np.nan, 0.0, 0.0]), 5, rng)
    with pytest.raises(DataError, match=r"expected \(n, 3\)"):
        learnt.sample(np.zeros((2, 3)), 5, rng)
    with pytest.warns(UserWarning, match=r"the observation is \d+\.\d widths from the median"):
        learnt.sample(np.full(3, 30.0), 5, rng)


def test_too_few_simulations() -> None:
    with pytest.raises(DataError, match="49 simulations are too few"):
        NeuralPosterior(FLOW).fit(simulate(MODEL.prior, MODEL, 49, seed=1))


def test_a_likelihood_of_single_events_makes_a_posterior(tmp_path: Path, rng: np.random.Generator) -> None:
    """Five numbers around a mean: exact again."""
    prior = Prior({"a": Normal(0.0, 1.0), "b": Normal(0.0, 1.0)})

    def pairs(theta: Floats, rng: np.random.Generator) -> Floats:
        return theta[:, None] + rng.normal(size=(len(theta), 5, 2))

    simulations = simulate(prior, pairs, 2000, seed=1)
    likelihood = NeuralLikelihood(FLOW).fit(simulations)
    assert likelihood.record["simulations"] == 10_000
    x = rng.normal(0.4, 1.0, (5, 2))
    theta = rng.normal(size=(20, 2))
    exact = stats.norm.logpdf(x, theta[:, None]).sum(axis=(1, 2))
    difference = likelihood.log_likelihood(theta, x) - exact
    assert difference.std() < 0.2 * exact.std()
    # of a simulator whose events lie half a unit higher: the likelihood must put that right
    proposal = NeuralPosterior(FLOW).fit(Simulations(prior, simulations.theta, simulations.x + 0.5))
    assert isinstance(proposal, DenseLearntPosterior)
    posterior = LikelihoodPosterior(likelihood, [proposal])
    draws = posterior.sample(x, 2000, rng)
    np.testing.assert_allclose(draws.mean(axis=0), x.mean(axis=0) * 5 / 6, atol=0.08)
    np.testing.assert_allclose(draws.std(axis=0), np.sqrt(1 / 6), rtol=0.1)
    likelihood.write(tmp_path / "a.npz")
    np.testing.assert_array_equal(
        read_likelihood(tmp_path / "a.npz").log_likelihood(theta, x), likelihood.log_likelihood(theta, x)
    )
    assert posterior.sample_each(simulations.rows(slice(0, 2)), 10, rng).shape == (2, 10, 2)
    with pytest.raises(DataError, match="expected 2 columns"):
        likelihood.log_likelihood(theta, np.zeros((3, 1)))


def test_a_likelihood_needs_a_density() -> None:
    with pytest.raises(ConfigError, match="needs a network with a density"):
        NeuralLikelihood(MATCHING)


def test_an_ordinary_observation_is_not_warned_of(learnt: LearntPosterior, rng: np.random.Generator) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        learnt.sample(X, 5, rng)


def test_flows_are_trained_together(learnt: LearntPosterior, tmp_path: Path) -> None:
    network = replace(FLOW, members=2, bootstrap=False)
    posterior = NeuralPosterior(network).fit(simulate(MODEL.prior, MODEL, 4000, seed=1), seed=1)
    first, second = posterior._density.members
    (alone,) = learnt._density.members
    # the same start, batches and held-out rows: what differs is the order of sums
    for together, values, other in zip(first, alone, second, strict=True):
        np.testing.assert_allclose(together, values, atol=1e-3)
        assert together.shape == other.shape
    assert any(np.abs(one - two).max() > 0.1 for one, two in zip(first, second, strict=True))
    passes = len(learnt.record["members"][0]["held_out_loss"])
    assert [len(member["held_out_loss"]) for member in posterior.record["members"]] == [passes, passes]
    posterior.write(tmp_path / "posterior.npz")
    again = read_posterior(tmp_path / "posterior.npz")
    draws = [one.sample(X, 500, np.random.default_rng(3)) for one in (posterior, again)]
    np.testing.assert_array_equal(draws[0], draws[1])


def test_flows_with_samples_of_their_own() -> None:
    network = replace(FLOW, members=2, bootstrap=True, summary=Summary((8,), (8,), 4))
    simulations = simulate(Prior({"mean": Normal(0, 1)}), normal_sets, 500, seed=1)
    posterior = NeuralPosterior(network).fit(simulations, seed=1)
    draws = posterior.sample(np.full((4, 1), 0.5), 2000, np.random.default_rng(1))
    # the exact posterior has a mean of 0.4 and a variance of 1/5
    assert draws.mean() == pytest.approx(0.4, abs=0.2)
    assert draws.std() == pytest.approx(np.sqrt(0.2), rel=0.3)


def normal_sets(theta: Floats, rng: np.random.Generator) -> Floats:
    """Four numbers with a standard deviation of 1 around each mean."""
    return theta[:, None] + rng.normal(size=(len(theta), 4, 1))
