"""Rounds of simulations where one observation says that they are needed: truncated proposals (TSNPE, arXiv:2210.04815).

After each round the prior is cut to where the posterior of the observation is high, and simulations of the next round come from
what is left. They are distributed as the prior inside, so that the next network learns the posterior without any correction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT, Part, Progress
from offline.inference.arrays import BoolArray, FloatArray
from offline.inference.networks.settings import Flow
from offline.inference.neural_posterior import DenseLearntPosterior, NeuralPosterior
from offline.inference.prior import Prior
from offline.inference.simulations import Simulations
from offline.inference.simulator import Simulator, observe

__all__ = ["Cut", "SequentialPosterior", "sequential_posterior"]

_AT_ONCE = 4096
_LEAST = 1e-4
"""Share of the prior below which drawing and rejecting is given up."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Parameters at which a posterior given one observation is at least so high.

    Parameters
    ----------
    posterior : DenseLearntPosterior
        Of a round.
    x : ndarray of float64, shape (k,) or (m, k)
        The observation.
    least : float
        Logarithm of the density.
    """

    posterior: DenseLearntPosterior
    x: FloatArray
    least: float

    @staticmethod
    def of(posterior: DenseLearntPosterior, x: FloatArray, lost: float, rng: np.random.Generator, n: int = 5000) -> Cut:
        """The region of highest density that leaves out a share `lost` of the posterior, from `n` draws."""
        draws = posterior.sample(x, n, rng)
        return Cut(posterior, x, float(np.quantile(posterior.log_density(draws, x), lost)))

    def holds(self, theta: FloatArray) -> BoolArray:
        """Which parameters of shape (n, d) are inside."""
        return np.asarray(self.posterior.log_density(theta, self.x) >= self.least)


class SequentialPosterior:
    """A posterior for one observation; `sequential_posterior` makes it.

    Parameters
    ----------
    posterior : DenseLearntPosterior
        Of the last round.
    x : ndarray of float64
        The observation.
    cuts : sequence of Cut
        Of the rounds before.
    record : list of dict
        Of each round: simulations made and used, share of the prior that was left, how training went.
    """

    def __init__(self, posterior: DenseLearntPosterior, x: FloatArray, cuts: Sequence[Cut], record: list[dict[str, Any]]) -> None:
        self._posterior, self._cuts, self.x, self.record = posterior, tuple(cuts), x, record

    @property
    def prior(self) -> Prior:
        """Of the parameters, before any cut."""
        return self._posterior.prior

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """`n` draws, shape (n, d), given the observation; what leaks out of the cuts is drawn again.

        Raises
        ------
        DataError
            If nearly all of it leaks out.
        """
        kept: list[FloatArray] = []
        asked = 0
        while sum(map(len, kept)) < n:
            draws = self._posterior.sample(self.x, n, rng)
            kept.append(draws[_inside(self._cuts, draws)])
            asked += n
            if asked > 100 * n:
                msg = (
                    "more than 99 % of the draws are outside the prior as the rounds before left it: give rounds more simulations"
                )
                raise DataError(msg)
        return np.concatenate(kept)[:n]

    def log_density(self, theta: FloatArray) -> FloatArray:
        """Logarithm of the density, shape (n,), inside the cuts; without the factor, near 1, that makes up for what leaks out."""
        return np.where(_inside(self._cuts, theta), self._posterior.log_density(theta, self.x), -np.inf)


def sequential_posterior(
    prior: Prior,
    simulator: Simulator,
    x: FloatArray,
    *,
    rounds: Sequence[int],
    network: Flow | None = None,
    lost: float = 1e-3,
    seed: int = 1,
    progress: Progress = SILENT,
) -> SequentialPosterior:
    """Learn the posterior of one observation, each round simulating where the rounds before leave it.

    Parameters
    ----------
    prior, simulator
        As of `offline.inference.simulate`.
    x : ndarray of float64, shape (k,) or (m, k)
        The observation.
    rounds : sequence of int
        Simulations of each round. Those of earlier ones that are inside the present cuts are used again.
    network : Flow, optional
        It needs a density; of several members the mean is taken.
    lost : float
        Share of the posterior that a cut may leave out; errors of the network come on top.
    seed : int
        Of every random number.
    progress : Progress
        Told about updates.

    Raises
    ------
    ConfigError
        If there is no round.
    DataError
        If a cut leaves next to nothing of the prior.
    """
    if not rounds or min(rounds) < 1 or not 0 <= lost < 1:
        msg = f"rounds need positive numbers of simulations and a lost share from 0 to 1, received {tuple(rounds)} and {lost}"
        raise ConfigError(msg)
    cuts: list[Cut] = []
    made: Simulations | None = None
    record: list[dict[str, Any]] = []
    for index, n in enumerate(rounds):
        rng = np.random.default_rng((seed, index))
        theta, left = _drawn(prior, cuts, n, rng)
        made = _joined(made, observe(simulator, prior, theta, rng), cuts)
        part = Part(progress, f"round {index + 1} of {len(rounds)}")
        learnt = _learnt(network or Flow(), made, seed + index, part)
        record.append({"made": n, "used": len(made), "share_of_prior": left, **learnt.record})
        if index + 1 < len(rounds):
            cuts.append(Cut.of(learnt, x, lost, rng))
    return SequentialPosterior(learnt, x, cuts, record)


def _learnt(network: Flow, simulations: Simulations, seed: int, progress: Progress) -> DenseLearntPosterior:
    found = NeuralPosterior(network).fit(simulations, seed=seed, progress=progress)
    if not isinstance(found, DenseLearntPosterior):
        msg = f"rounds need a network with a density, such as 'flow', received {network}"
        raise ConfigError(msg)
    return found


def _inside(cuts: Sequence[Cut], theta: FloatArray) -> BoolArray:
    """Which parameters all cuts hold."""
    kept = np.ones(len(theta), np.bool_)
    # the last cut is the narrowest as a rule: the others are asked for what it leaves
    for cut in reversed(cuts):
        kept[kept] = cut.holds(theta[kept]) if kept.any() else False
    return kept


def _drawn(prior: Prior, cuts: Sequence[Cut], n: int, rng: np.random.Generator) -> tuple[FloatArray, float]:
    """`n` parameters of the prior inside the cuts, and the share of it that they leave."""
    if not cuts:
        return prior.sample(n, rng), 1.0
    kept: list[FloatArray] = []
    asked = found = 0
    while found < n:
        theta = prior.sample(_AT_ONCE, rng)
        kept.append(theta[_inside(cuts, theta)])
        asked, found = asked + len(theta), found + len(kept[-1])
        if asked * _LEAST > max(found, 1):
            msg = f"the cuts leave {found} of {asked} draws of the prior: start with a narrower prior, or lose a smaller share"
            raise DataError(msg)
    return np.concatenate(kept)[:n], found / asked


def _joined(before: Simulations | None, new: Simulations, cuts: Sequence[Cut]) -> Simulations:
    """Simulations of all rounds that are inside the cuts: distributed as the prior there."""
    if before is None:
        return new
    old = before.rows(_inside(cuts, before.theta))
    if old.sets and old.x.shape[1:] != new.x.shape[1:]:
        msg = f"sets of all rounds must have as many slots, received {old.x.shape[1:]} and {new.x.shape[1:]}"
        raise DataError(msg)
    pairs = ((old.theta, new.theta), (old.x, new.x))
    theta, x = (np.concatenate(pair) for pair in pairs)
    masks = [np.ones(part.x.shape[:2], np.bool_) if part.mask is None else part.mask for part in (old, new)]
    masked = old.mask is not None or new.mask is not None
    return Simulations(new.prior, theta, x, np.concatenate(masks) if masked else None)
