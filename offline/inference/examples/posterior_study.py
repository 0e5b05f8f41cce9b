"""What the examples of posteriors share: simulate, learn, judge on other simulations, and ask about one observation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from l1ml.progress import SILENT, Progress
from offline.density import Training
from offline.inference.arrays import FloatArray
from offline.inference.diagnostics import Diagnosis, diagnose
from offline.inference.networks.settings import Flow, Summary
from offline.inference.neural_posterior import NeuralPosterior
from offline.inference.prior import Prior
from offline.inference.simulations import Simulations
from offline.inference.simulator import Observed, simulate

__all__ = ["PosteriorResult", "PosteriorStudy"]

_LEVELS = (0.683, 0.954)


class Experiment(Protocol):
    """A `Simulator` with a prior of its own."""

    @property
    def prior(self) -> Prior:
        """Of its parameters."""

    def __call__(self, theta: FloatArray, rng: np.random.Generator, /) -> Observed:
        """As of `Simulator`."""


@dataclass(frozen=True, slots=True, eq=False)
class PosteriorResult:
    """What came out.

    Parameters
    ----------
    names : tuple of str
        Of the parameters.
    truth : ndarray of float64, shape (d,)
        That the observation was made with.
    draws : ndarray of float64, shape (n, d)
        Of its posterior.
    diagnosis : Diagnosis
        On simulations that were not trained on.
    spread : ndarray of float64, shape (3, d)
        Of each parameter in normal scores of its prior, where 1 is what the prior knows: mean posterior standard deviation, root
        mean square error of the posterior mean, and that of a straight line through mean and spread of the observed columns.
    """

    names: tuple[str, ...]
    truth: FloatArray
    draws: FloatArray
    diagnosis: Diagnosis
    spread: FloatArray

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        shares = {str(level): self.diagnosis.ranks.coverage(level).tolist() for level in _LEVELS}
        low, middle, high = np.quantile(self.draws, [0.1585, 0.5, 0.8415], axis=0).tolist()
        kinds = ("posterior_sd", "error_of_posterior_mean", "error_of_straight_line")
        return {
            "parameters": list(self.names),
            "truth": self.truth.tolist(),
            "median": middle,
            "central_68": [low, high],
            "simulations_judged": len(self.diagnosis.ranks.ranks),
            "coverage": shares,
            "p_value": self.diagnosis.p_value,
            "in_normal_scores": dict(zip(kinds, self.spread.tolist(), strict=True)),
        }


@dataclass(frozen=True)
class PosteriorStudy:
    """Settings.

    Parameters
    ----------
    experiment : Simulator with a prior
        What is simulated.
    truth : tuple of float
        Of the observation that is asked about.
    simulated, judged : int
        Simulations to learn from and others to judge with.
    network : Flow
        What learns.
    seed : int
        Of every random number.
    """

    experiment: Experiment
    truth: tuple[float, ...]
    simulated: int = 8000
    judged: int = 500
    network: Flow = field(
        default_factory=lambda: Flow(
            depth=2,
            widths=(32, 32),
            transform="affine",
            training=Training(1500, 128, 2e-3),
            summary=Summary((32, 32), (32,), 8),
        )
    )
    seed: int = 1

    def run(self, progress: Progress = SILENT) -> PosteriorResult:
        """Simulate, learn, judge, ask."""
        prior, experiment = self.experiment.prior, self.experiment
        train, test = (
            simulate(prior, experiment, n, seed=10 * self.seed + part, progress=progress)
            for part, n in enumerate((self.simulated, self.judged))
        )
        learnt = NeuralPosterior(self.network).fit(train, seed=self.seed, progress=progress)
        rng, truth = np.random.default_rng((self.seed, 2)), np.array(self.truth)
        made = experiment(truth[None], rng)
        seen = made[0] if isinstance(made, tuple) else made
        draws = learnt.sample(seen[0], 5000, rng)
        scores = prior.scores(learnt.sample_each(test, 100, rng))
        true = prior.scores(test.theta)
        wrong = [scores.mean(axis=1) - true, _straight(train, test) - true]
        spread = np.stack([scores.std(axis=1).mean(axis=0), *(np.sqrt(np.square(values).mean(axis=0)) for values in wrong)])
        return PosteriorResult(prior.names, truth, draws, diagnose(learnt, test, draws=100, seed=self.seed), spread)


def _straight(train: Simulations, test: Simulations) -> FloatArray:
    """Scores of the parameters by least squares from mean and spread of the columns: what a network must beat."""
    designs = [np.concatenate([np.ones((len(s), 1)), s.x.mean(axis=1), s.x.std(axis=1)], axis=1) for s in (train, test)]
    coefficients = np.linalg.lstsq(designs[0], train.prior.scores(train.theta), rcond=None)[0]
    return np.asarray(designs[1] @ coefficients)
