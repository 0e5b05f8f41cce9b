"""All tests of a posterior that need nothing but simulations that it was not trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from offline.inference.diagnostics.coverage import RegionCoverage, highest_density, tarp
from offline.inference.diagnostics.ranks import Ranks, rank_test
from offline.inference.diagnostics.uniformity import combined
from offline.inference.posterior import DensePosterior, Posterior
from offline.inference.simulations import Simulations

__all__ = ["Diagnosis", "diagnose"]


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """Results of the tests.

    Parameters
    ----------
    ranks : Ranks
        Each parameter on its own.
    balls : RegionCoverage
        All parameters together, from draws.
    densest : RegionCoverage, optional
        The same with regions of highest density, where the density is known.
    """

    ranks: Ranks
    balls: RegionCoverage
    densest: RegionCoverage | None

    @property
    def p_value(self) -> float:
        """That all of them pass."""
        tests = [self.ranks.p_value, self.balls.p_value, *([] if self.densest is None else [self.densest.p_value])]
        return combined(np.array(tests))

    def rows(self) -> list[tuple[str, str, str]]:
        """Name, p-value and coverage of each test, as words."""
        regions = [self.balls, *([] if self.densest is None else [self.densest])]
        shares = zip(self.ranks.names, self.ranks.p_values, self.ranks.coverage(0.683), strict=True)
        each = [(f"ranks of {name}", f"{p_value:.3g}", f"{share:.1%}") for name, p_value, share in shares]
        both = [(region.regions, f"{region.p_value:.3g}", f"{(region.shares <= 0.683).mean():.1%}") for region in regions]
        return [*each, *both, ("all", f"{self.p_value:.3g}", "")]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        densest = None if self.densest is None else self.densest.to_dict()
        return {"p_value": self.p_value, "ranks": self.ranks.to_dict(), "balls": self.balls.to_dict(), "densest": densest}


def diagnose(posterior: Posterior, simulations: Simulations, *, draws: int = 100, seed: int = 1) -> Diagnosis:
    """Test a posterior on simulations with parameters from its prior.

    Parameters
    ----------
    posterior : Posterior
        To be judged.
    simulations : Simulations
        It must not have seen them; with 1000 a width that is 20 % wrong or a bias of 0.3 standard deviations is found.
    draws : int
        Of each posterior.
    seed : int
        Of every random number.
    """
    rng = np.random.default_rng(seed)
    drawn = posterior.sample_each(simulations, draws, rng)
    ranks = rank_test(posterior.prior.names, simulations.theta, drawn, rng)
    balls = tarp(simulations.theta, drawn, rng)
    densest = None
    if isinstance(posterior, DensePosterior):
        both = np.concatenate([simulations.theta[:, None], drawn], axis=1)
        density = posterior.log_density_each(simulations, both)
        densest = highest_density(density[:, 0], density[:, 1:], rng)
    return Diagnosis(ranks, balls, densest)
