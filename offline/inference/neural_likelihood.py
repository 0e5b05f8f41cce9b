"""Likelihoods from simulations: a flow learns p(x | theta) (arXiv:1805.07226), for independent events of each on its own.

The posterior follows from it by weights: draws of a learnt posterior are candidates, and what the likelihood says of them
decides. Where an observation is a set of independent events that is worth most: every event of a simulation is a pair to learn
from, and the logarithms of their densities add.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT, Progress
from offline.inference.arrays import FloatArray
from offline.inference.learnt_file import read_learnt, write_learnt
from offline.inference.networks.observations import Scaling
from offline.inference.networks.settings import Flow, NetworkSettings, network_from, table_of
from offline.inference.neural_posterior import DenseLearntPosterior
from offline.inference.prior import Prior
from offline.inference.simulations import Simulations

if TYPE_CHECKING:
    from offline.inference.networks.conditional import ConditionalDensity

__all__ = ["LearntLikelihood", "LikelihoodPosterior", "NeuralLikelihood", "read_likelihood"]

KIND = "likelihood"

_FEWEST = 0.02
"""Share of candidates that must effectively be left of the weights."""


@dataclass(frozen=True, slots=True)
class NeuralLikelihood:
    """The method.

    Parameters
    ----------
    network : Flow
        Density of an observation, or of one event of a set.
    """

    network: NetworkSettings = field(default_factory=Flow)

    def __post_init__(self) -> None:
        if not self.network.dense:
            msg = f"a likelihood needs a network with a density, such as 'flow', received {self.network.name!r}"
            raise ConfigError(msg)

    def fit(self, simulations: Simulations, *, seed: int = 1, progress: Progress = SILENT) -> LearntLikelihood:
        """Learn the likelihood from pairs; events of sets are taken to be independent given the parameters."""
        from offline.inference.networks.conditional import Rows, fit_density  # Keras comes in here

        single = simulations.single_events()
        scaling, scores = Scaling.of(single.x), single.prior.scores(single.theta)
        density, record = fit_density(self.network, scaling(single.x), Rows(scores, scores), 0, seed=seed, progress=progress)
        return LearntLikelihood(simulations.prior, scaling, density, record)


class LearntLikelihood:
    """Density of observations given parameters, in coordinates in which each is of order one: good for ratios.

    Parameters
    ----------
    prior : Prior
        Of the parameters.
    scaling : Scaling
        Of observations.
    density : ConditionalDensity
        Of scaled observations.
    record : dict
        How training went.
    """

    def __init__(self, prior: Prior, scaling: Scaling, density: ConditionalDensity, record: dict[str, Any]) -> None:
        self.prior, self._scaling, self._density, self.record = prior, scaling, density, record

    def log_likelihood(self, theta: FloatArray, x: FloatArray) -> FloatArray:
        """Logarithm up to a constant, shape (n,), of parameters of shape (n, d) given one observation (k,) or events (m, k)."""
        from offline.inference.networks.conditional import Rows

        events = np.atleast_2d(x)
        if events.shape[1] != self._density.dimension:
            msg = f"an observation of shape {x.shape} is not what was simulated: expected {self._density.dimension} columns"
            raise DataError(msg)
        events, scores = self._scaling(events), np.repeat(self.prior.scores(theta), len(events), axis=0)
        each = self._density.log_density(np.tile(events, (len(theta), 1)), Rows(scores, scores))
        return np.asarray(each.reshape(len(theta), -1).sum(axis=1))

    def write(self, path: Path) -> None:
        """Write a file, whole or not at all."""
        header = {"prior": self.prior.to_dict(), "network": table_of(self._density.settings), "record": self.record}
        write_learnt(path, KIND, header, self._scaling.arrays() | self._density.arrays())


@dataclass(frozen=True, slots=True, eq=False)
class LikelihoodPosterior:
    """Posterior of a learnt likelihood, by weights on draws of learnt posteriors.

    Parameters
    ----------
    likelihood : LearntLikelihood
        What decides.
    proposals : sequence of DenseLearntPosterior
        Where candidates come from; they must not be narrower than the result.
    candidates : int
        For each draw.
    moves : int
        Steps of differential evolution (Stat. Comput. 16 (2006) 239) that the chosen draws make afterwards, each along the
        difference of two others: they repair what candidates lack.
    """

    likelihood: LearntLikelihood
    proposals: Sequence[DenseLearntPosterior]
    candidates: int = 4
    moves: int = 10

    @property
    def prior(self) -> Prior:
        """Of the parameters."""
        return self.likelihood.prior

    def sample(self, x: FloatArray, n: int, rng: np.random.Generator) -> FloatArray:
        """`n` draws, shape (n, d), given one observation, shape (k,), or one set of events, shape (m, k).

        Warns
        -----
        UserWarning
            If few candidates have any weight: what is drawn then repeats itself.
        """
        each = -(-n * self.candidates // len(self.proposals))
        theta = np.concatenate([proposal.sample(x, each, rng) for proposal in self.proposals])
        density = np.logaddexp.reduce([proposal.log_density(theta, x) for proposal in self.proposals], axis=0)
        log_weight = self.likelihood.log_likelihood(theta, x) + self.prior.log_density(theta) - density
        weight = np.exp(log_weight - log_weight.max())
        if (left := weight.sum() ** 2 / np.square(weight).sum() / len(weight)) < _FEWEST:
            msg = f"only {left:.2%} of the candidates are left of their weights: learnt posterior and likelihood disagree"
            warnings.warn(msg, stacklevel=2)
        # systematic: fewer repetitions than with independent choices
        places = np.searchsorted(np.cumsum(weight) / weight.sum(), (np.arange(n) + rng.random()) / n)
        return self._moved(rng.permutation(theta[np.minimum(places, len(theta) - 1)]), x, rng)

    def _moved(self, theta: FloatArray, x: FloatArray, rng: np.random.Generator) -> FloatArray:
        """`theta` after the moves: one half of the draws moves along differences of the other, by the rule of Metropolis."""
        scores = self.prior.scores(theta)
        half = len(scores) // 2
        if half < 2:
            return theta
        height = self._height(scores, x)
        for move in range(self.moves):
            for mine, others in ((slice(0, half), slice(half, None)), (slice(half, None), slice(0, half))):
                there = scores[others]
                pairs = rng.integers(0, len(there), (2, len(scores[mine])))
                # now and then a whole difference: it leads from one mode to another
                length = 1.0 if move % 5 == 4 else 2.38 / np.sqrt(2 * scores.shape[1])
                new = scores[mine] + length * (there[pairs[0]] - there[pairs[1]]) + 1e-4 * rng.standard_normal(scores[mine].shape)
                found = self._height(new, x)
                taken = np.log(rng.random(len(new))) < found - height[mine]
                scores[mine] = np.where(taken[:, None], new, scores[mine])
                height[mine] = np.where(taken, found, height[mine])
        return self.prior.values(scores)

    def _height(self, scores: FloatArray, x: FloatArray) -> FloatArray:
        """Logarithm of the posterior density of scores, up to a constant."""
        return np.asarray(self.likelihood.log_likelihood(self.prior.values(scores), x) - 0.5 * np.square(scores).sum(axis=1))

    def sample_each(self, simulations: Simulations, n: int, rng: np.random.Generator) -> FloatArray:
        """`n` draws given each observation, shape (rows, n, d): one after another."""
        masks = simulations.mask if simulations.mask is not None else [None] * len(simulations)
        rows = (x if mask is None else x[mask] for x, mask in zip(simulations.x, masks, strict=True))
        return np.stack([self.sample(x, n, rng) for x in rows])


def read_likelihood(path: Path) -> LearntLikelihood:
    """The likelihood in the file `path`.

    Raises
    ------
    DataError
        If the file is missing, truncated or damaged.
    SchemaError
        If it holds something else.
    """
    from offline.inference.networks.conditional import ConditionalDensity

    header, arrays = read_learnt(path, KIND)
    density = ConditionalDensity.from_arrays(network_from(header["network"], str(path)), arrays)
    return LearntLikelihood(Prior.from_dict(header["prior"]), Scaling.from_arrays(arrays), density, header["record"])
