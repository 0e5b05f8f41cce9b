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

What is not exact is Pythia's own seam: soft QCD damps its hardest interaction by (pT^2 / (pT^2 + pT0^2))^2 with pT0 about 2.6 GeV
and hard QCD does not, so that at p1 = 15 GeV the hard pool is 6 to 7 % richer than the part of soft QCD that it replaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

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
        lambda_1, mean number of hard collisions per crossing.
    """

    scale: FloatArray
    weight: FloatArray
    mean: float

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
        return float(np.exp(-self.rate.sum()))

    @cached_property
    def hardest_probability(self) -> FloatArray:
        """Probability of a crossing whose hardest collision is j, in pool order."""
        return np.asarray(np.exp(-self.harder) * -np.expm1(-self.rate))

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


def copies_per_collision(probability: FloatArray, boost: FloatArray, total: int) -> IntArray:
    """How many crossings to make around each hard collision, about `total` altogether and at least one.

    Proportional to ``sqrt(probability) * boost``: the square root balances the weights of frequent collisions, which only
    matter together with their pileup, against the number of rare ones, which fire on their own. Any positive numbers give
    the same expectation; only the statistical error depends on them.
    """
    share = np.sqrt(probability) * boost
    return np.asarray(np.maximum(1, np.rint(total * share / share.sum())), dtype=np.int64)
