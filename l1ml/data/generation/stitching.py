r"""Zero-bias crossings with a populated tail: which hard collisions a crossing holds, and what it weighs.

A crossing has Poisson(mu) inelastic collisions. Those with pThat above ``p1`` are Poisson(lambda_1), lambda_1 = mu sigma_hard /
sigma_inelastic; their spectrum is that of the hard pool, whose event j has probability b_j / sum(b). Order the pool by falling
pThat and call lambda_j = lambda_1 b_j / sum(b) the mean number of collisions "j". Every crossing is exactly one of

* *quiet*: no collision above p1; probability exp(-lambda_1);
* *hard, j*: j is its hardest; probability exp(-sum_{i<j} lambda_i) (1 - exp(-lambda_j)).

These probabilities add up to one (the sum telescopes), so crossings of each class may be made as often as is useful and weighted
with probability / number made: rare crossings become many light rows. The other collisions of a hard crossing are independent
of j: Poisson(mu - lambda_1) from the soft pool, Poisson(sum_{i>j} lambda_i) from the softer part of the hard pool.
(A second copy of j itself, of probability lambda_j / 2 ~ 1e-4, is neglected.)

Where mu differs from crossing to crossing (`l1ml.data.generation.pileup_profile`), all lambdas are proportional to it: with
r = mu / mean, the probability of a class is the mean of the above at r lambda over the profile, which still telescopes to one at
each mu. The mu of a crossing is drawn from its posterior given the class, share(mu) x P(class | mu), and the other collisions
are Poisson at that mu. A signal happens once in so many collisions: its crossings have mu with share(mu) x mu.

What is not exact is Pythia's own seam: soft QCD damps its hardest interaction by (pT^2 / (pT^2 + pT0^2))^2 with pT0 about 2.6 GeV
and hard QCD does not, so that at p1 = 15 GeV the hard pool is 6 to 7 % richer than the part of soft QCD that it replaces.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["HardSpectrum", "copies_per_collision"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class HardSpectrum:
    """The hard pool as a Poisson process.

    Parameters
    ----------
    scale : ndarray of float64, shape (n,)
        pThat of the collisions of the pool in GeV.
    weight : ndarray of float64, shape (n,)
        Their Pythia weights, any normalisation.
    mean : float
        lambda_1, mean number of hard collisions per crossing, over all crossings.
    relative : ndarray of float64, shape (m,)
        Every mu that crossings have, over their mean.
    share : ndarray of float64, shape (m,)
        Probability of each.
    """

    scale: FloatArray
    weight: FloatArray
    mean: float
    relative: FloatArray = field(default_factory=lambda: np.ones(1))
    share: FloatArray = field(default_factory=lambda: np.ones(1))

    @cached_property
    def falling(self) -> IntArray:
        """Collisions ordered by falling pThat; equal ones by their number."""
        return np.argsort(-self.scale, kind="stable")

    @cached_property
    def rate(self) -> FloatArray:
        """lambda_j: mean number of collisions j per crossing, in pool order."""
        return np.asarray(self.mean * self.weight / self.weight.sum())

    @cached_property
    def harder(self) -> FloatArray:
        """Mean number of collisions harder than j per crossing, in pool order."""
        ordered = self.rate[self.falling]
        result = np.empty_like(ordered)
        result[self.falling] = np.cumsum(ordered) - ordered
        return result

    @cached_property
    def softer(self) -> FloatArray:
        """Mean number of collisions of the pool softer than j per crossing, in pool order."""
        return np.maximum(self.mean - self.harder - self.rate, 0.0)

    @property
    def quiet_probability(self) -> float:
        """Probability of a crossing without a hard collision."""
        return float(np.sum(self.share * np.exp(-self.rate.sum() * self.relative)))

    @cached_property
    def hardest_probability(self) -> FloatArray:
        """Probability of a crossing whose hardest collision is j, in pool order."""
        total = np.zeros(len(self.scale))
        for relative, share in zip(self.relative, self.share, strict=True):
            total += share * self._hardest_at(slice(None), relative)
        return total

    def _hardest_at(self, which: Any, relative: Any) -> FloatArray:
        """Probability that `which` is the hardest collision of a crossing at `relative`; arrays broadcast."""
        return np.asarray(np.exp(-self.harder[which] * relative) * -np.expm1(-self.rate[which] * relative))

    def draw_relative(self, hardest: IntArray, rng: np.random.Generator) -> FloatArray:
        """Relative mu of zero-bias crossings, given the class of each.

        Parameters
        ----------
        hardest : ndarray of int64, shape (n,)
            Hardest collision of each crossing in pool order, -1 for quiet ones.
        rng : numpy.random.Generator
            Source of randomness; not used where there is one mu.
        """
        quiet = np.exp(-self.rate.sum() * self.relative)
        hard = self._hardest_at(np.maximum(hardest, 0)[:, None], self.relative)
        return self._drawn(np.where(hardest[:, None] >= 0, hard, quiet), rng)

    def draw_relative_by_collision(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Relative mu of `n` crossings that are there because of one of their collisions, such as a signal."""
        return self._drawn(np.broadcast_to(self.relative, (n, len(self.relative))), rng)

    def _drawn(self, likelihood: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Relative mu drawn from share x likelihood, the latter of shape (n, m)."""
        if len(self.relative) == 1:
            return np.ones(len(likelihood))
        cumulative = np.cumsum(self.share * likelihood, axis=1)
        level = np.sum(cumulative <= rng.random((len(likelihood), 1)) * cumulative[:, -1:], axis=1)
        return np.asarray(self.relative[np.minimum(level, len(self.relative) - 1)])

    @cached_property
    def _cumulative(self) -> FloatArray:
        """Running sum of the rates from the softest collision up."""
        return np.cumsum(self.rate[self.falling[::-1]])

    def draw(self, below: FloatArray, rng: np.random.Generator) -> IntArray:
        """One collision of the pool for each entry of `below`.

        Parameters
        ----------
        below : ndarray of float64, shape (n,)
            Draw from the softest collisions with this summed rate, for instance ``softer[j]``, or `mean` for all of them.
        rng : numpy.random.Generator
            Source of randomness.
        """
        rank = np.searchsorted(self._cumulative, rng.random(len(below)) * below, side="right")
        return np.asarray(self.falling[::-1][np.minimum(rank, len(self.scale) - 1)])


def copies_per_collision(probability: FloatArray, boost: FloatArray, total: int, power: float = 0.5) -> IntArray:
    """How many crossings to make around each hard collision, about `total` altogether and at least one.

    Proportional to ``probability**power * boost``: the square root balances the weights of frequent collisions, which only
    matter together with their pileup, against the number of rare ones, which fire on their own. Any positive numbers give
    the same expectation; only the statistical error depends on them. The first power makes crossings of nearly the same weight.
    """
    share = probability**power * boost if power != 0.5 else np.sqrt(probability) * boost
    return np.asarray(np.maximum(1, np.rint(total * share / share.sum())), dtype=np.int64)
