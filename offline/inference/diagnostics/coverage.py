"""How much of a posterior lies inside the region that reaches to the truth: uniform if the posterior is right.

Two families of regions: balls around a point (TARP, arXiv:2302.03026), which need draws only, and regions of highest density.
Coverage is tested with one sample of fractions against the uniform distribution. Comparing the curve of coverage with the grid of
credibilities as if both were samples, as is common, has no power: it passes a posterior twice too wide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from l1ml.errors import ConfigError, DataError
from offline.inference.arrays import FloatArray
from offline.inference.diagnostics.ranks import check_draws
from offline.inference.diagnostics.uniformity import kolmogorov_p_value, shares_of

__all__ = ["RegionCoverage", "highest_density", "tarp"]


@dataclass(frozen=True, slots=True, eq=False)
class RegionCoverage:
    """Credibility of the smallest region of a family that holds the truth.

    Parameters
    ----------
    regions : str
        Of which family.
    shares : ndarray of float64, shape (n,)
        Credibility for each simulation; uniform between 0 and 1 if posteriors are right, more at the ends if they are too narrow.
    p_value : float
        One sample of Kolmogorov and Smirnov.
    """

    regions: str
    shares: FloatArray
    p_value: float

    def curve(self, levels: FloatArray) -> FloatArray:
        """Share of truths inside regions of these credibilities, shape (len(levels),)."""
        return np.searchsorted(np.sort(self.shares), levels, side="right") / len(self.shares)

    def band(self, levels: FloatArray, rng: np.random.Generator, *, bootstraps: int = 200, level: float = 0.954) -> FloatArray:
        """Ends of the central interval of the curve over bootstraps of the simulations, shape (2, len(levels))."""
        chosen = rng.integers(0, len(self.shares), (bootstraps, len(self.shares)))
        curves = np.stack([RegionCoverage(self.regions, self.shares[rows], 1.0).curve(levels) for rows in chosen])
        return np.asarray(np.quantile(curves, [(1 - level) / 2, (1 + level) / 2], axis=0))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        levels = np.linspace(0.1, 0.9, 9)
        return {
            "regions": self.regions,
            "simulations": len(self.shares),
            "p_value": self.p_value,
            "levels": levels.tolist(),
            "coverage": self.curve(levels).tolist(),
        }


def tarp(
    truth: FloatArray, draws: FloatArray, rng: np.random.Generator, *, reference: Literal["centre", "random"] = "centre"
) -> RegionCoverage:
    """Coverage of balls around a point that does not depend on the truth.

    Parameters
    ----------
    truth : ndarray of float64, shape (n, d)
        From the prior.
    draws : ndarray of float64, shape (n, m, d)
        Given what was observed for each, m at least 20.
    rng : Generator
        Of the points, and of ranks within their step.
    reference : str
        ``centre``: the mean of a fifth of the draws, and distances in units of their spread; the others are counted. This sees
        wrong widths, and biases in second order. ``random``: points of the range of the prior, as in the paper; they see
        little of a bias.
    """
    check_draws(truth, draws)
    n, m, d = draws.shape
    if reference not in ("centre", "random"):
        msg = f"reference points are 'centre' or 'random', received {reference!r}"
        raise ConfigError(msg)
    used = m // 5 if reference == "centre" else 0
    if reference == "centre":
        if used < 4:
            msg = f"{m} draws of each posterior are too few to find its centre; give at least 20"
            raise DataError(msg)
        # the draws that are counted must be as strange to the centre as the truth is
        centre, scale = draws[:, :used].mean(axis=1), draws[:, :used].std(axis=1)
    else:
        low, high = truth.min(axis=0), truth.max(axis=0)
        centre, scale = rng.uniform(low, high, (n, d)), np.broadcast_to(truth.std(axis=0), (n, d))
    scale = np.where(scale > 0, scale, 1.0)
    to_truth = np.square((truth - centre) / scale).sum(axis=1)
    to_draws = np.square((draws[:, used:] - centre[:, None]) / scale[:, None]).sum(axis=2)
    return _tested(f"balls around {reference} points", to_draws, to_truth, rng)


def highest_density(log_truth: FloatArray, log_draws: FloatArray, rng: np.random.Generator) -> RegionCoverage:
    """Coverage of the regions of highest density.

    Parameters
    ----------
    log_truth : ndarray of float64, shape (n,)
        Logarithm of the density of each posterior at the truth.
    log_draws : ndarray of float64, shape (n, m)
        The same at its draws.
    rng : Generator
        Of ranks within their step.
    """
    if log_draws.ndim != 2 or log_truth.shape != log_draws.shape[:1]:
        msg = f"densities of shape {log_truth.shape} and {log_draws.shape} do not fit: expected (n,) and (n, draws)"
        raise DataError(msg)
    if np.isnan(log_truth).any() or np.isnan(log_draws).any():
        msg = "densities of the posterior hold NaN"
        raise DataError(msg)
    return _tested("regions of highest density", -log_draws, -log_truth, rng)


def _tested(regions: str, far: FloatArray, truth: FloatArray, rng: np.random.Generator) -> RegionCoverage:
    """Ranks of the truth in how far out it is, and their test."""
    below, same = (far < truth[:, None]).sum(axis=1), (far == truth[:, None]).sum(axis=1)
    shares = shares_of(below + rng.integers(0, same + 1), far.shape[1], rng)
    return RegionCoverage(regions, shares, kolmogorov_p_value(shares))
