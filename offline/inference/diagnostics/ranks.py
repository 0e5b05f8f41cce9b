"""Simulation-based calibration: the rank of the truth among draws is uniform, parameter by parameter (arXiv:1804.06788)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.errors import DataError
from offline.inference.arrays import FloatArray, IntArray
from offline.inference.diagnostics.uniformity import combined, shares_of, smooth_p_value

__all__ = ["Ranks", "check_draws", "rank_test"]


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Ranks of true parameters among draws of their posterior.

    Parameters
    ----------
    names : tuple of str
        Of the parameters.
    ranks : ndarray of int64, shape (n, d)
        How many draws lie below the truth, 0 to `draws`.
    draws : int
        Of each posterior.
    p_values : tuple of float
        Of each parameter: smooth test of uniform ranks.
    """

    names: tuple[str, ...]
    ranks: IntArray
    draws: int
    p_values: tuple[float, ...]

    @property
    def p_value(self) -> float:
        """That all parameters are calibrated."""
        return combined(np.array(self.p_values))

    def coverage(self, level: float) -> FloatArray:
        """Share of truths in the central intervals of a credibility, shape (d,)."""
        return np.asarray(self._inside(level).mean(axis=0))

    def coverage_interval(self, level: float, confidence: float = 0.683) -> FloatArray:
        """What coverage may truly be, by Clopper and Pearson; shape (d, 2)."""
        beta, inside = require("scipy.stats").beta, self._inside(level)
        k, n, tail = inside.sum(axis=0), len(inside), (1 - confidence) / 2
        low = np.where(k > 0, beta.ppf(tail, np.maximum(k, 1), n - k + 1), 0.0)
        high = np.where(k < n, beta.ppf(1 - tail, k + 1, np.maximum(n - k, 1)), 1.0)
        return np.stack([low, high], axis=1)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        levels = {f"{level:.1%}": self.coverage(level).tolist() for level in (0.683, 0.954)}
        return {
            "parameters": list(self.names),
            "simulations": len(self.ranks),
            "draws": self.draws,
            "p_values": list(self.p_values),
            "p_value": self.p_value,
            "coverage": levels,
        }

    def _inside(self, level: float) -> Any:
        """How much of the step of each rank is inside: uniform ranks then cover what they must, for any number of draws."""
        low, high = (1 - level) / 2 * (self.draws + 1), (1 + level) / 2 * (self.draws + 1)
        return np.clip(np.minimum(self.ranks + 1, high) - np.maximum(self.ranks, low), 0.0, 1.0)


def rank_test(names: tuple[str, ...], truth: FloatArray, draws: FloatArray, rng: np.random.Generator) -> Ranks:
    """Ranks of parameters and whether they are uniform.

    Parameters
    ----------
    names : tuple of str
        Of the parameters.
    truth : ndarray of float64, shape (n, d)
        From the prior.
    draws : ndarray of float64, shape (n, m, d)
        Given what was observed for each.
    rng : Generator
        Spreads ranks within their step.
    """
    check_draws(truth, draws)
    # equal values: the truth is as likely to be below as above
    below, same = (draws < truth[:, None]).sum(axis=1), (draws == truth[:, None]).sum(axis=1)
    ranks = below + rng.integers(0, same + 1)
    shares = shares_of(ranks, draws.shape[1], rng)
    return Ranks(names, ranks, draws.shape[1], tuple(smooth_p_value(column) for column in shares.T))


def check_draws(truth: FloatArray, draws: FloatArray) -> None:
    """Refuse shapes that do not fit and draws that are not numbers.

    Raises
    ------
    DataError
        With the shapes, or with how many are not finite.
    """
    if draws.ndim != 3 or truth.shape != (len(draws), draws.shape[2]):
        msg = f"truth of shape {truth.shape} and draws of shape {draws.shape} do not fit: expected (n, d) and (n, draws, d)"
        raise DataError(msg)
    if not np.isfinite(draws).all():
        msg = f"{int((~np.isfinite(draws)).any(axis=(1, 2)).sum())} of {len(draws)} posteriors gave draws that are not finite"
        raise DataError(msg)
