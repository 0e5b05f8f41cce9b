"""Confidence sets from ratios of likelihoods: asymptotic, or calibrated with toys whatever the ratio is worth.

A learnt ratio that is wrong makes a test statistic that is less powerful. The Neyman construction covers all the same, because
the same statistic is asked of toys at each point of the parameters, as ATLAS does (Rep. Prog. Phys. 88 (2025) 067801).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT, Progress
from offline.inference.arrays import BoolArray, FloatArray
from offline.inference.posterior import LikelihoodRatio
from offline.inference.simulator import Simulator, observe

__all__ = [
    "Belt",
    "ConfidenceSet",
    "asymptotic_belt",
    "coverage_map",
    "crossings",
    "likelihood_scan",
    "log_likelihoods",
    "neyman_belt",
    "pairs_of",
]

_PAIRS_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Belt:
    """Up to which value of the statistic a point of the parameters is accepted.

    Parameters
    ----------
    grid : ndarray of float64, shape (g, d)
        Points.
    critical : ndarray of float64, shape (g,)
        Largest accepted value at each.
    level : float
        Confidence.
    events : int
        Of an observation.
    kind : str
        ``asymptotic`` or ``toys``.
    """

    grid: FloatArray
    critical: FloatArray
    level: float
    events: int
    kind: str

    def accepted(self, statistic: FloatArray) -> BoolArray:
        """Which points are in the set, shape (..., g), given the statistic at each, shape (..., g)."""
        return np.asarray(statistic <= self.critical)


@dataclass(frozen=True, slots=True, eq=False)
class ConfidenceSet:
    """Points that an observation accepts.

    Parameters
    ----------
    belt : Belt
        Of which.
    statistic : ndarray of float64, shape (g,)
        -2 log of the ratio to the best point.
    """

    belt: Belt
    statistic: FloatArray

    @property
    def best(self) -> FloatArray:
        """The most likely point, shape (d,)."""
        return np.asarray(self.belt.grid[np.argmin(self.statistic)])

    @property
    def points(self) -> FloatArray:
        """All that are accepted, shape (any, d)."""
        return self.belt.grid[self.belt.accepted(self.statistic)]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; of each parameter the smallest and the largest accepted value, null where nothing is."""
        points = self.points
        ends = [[float(c.min()), float(c.max())] for c in points.T] if len(points) else None
        return {"kind": self.belt.kind, "level": self.belt.level, "best": self.best.tolist(), "ends": ends}


def likelihood_scan(ratio: LikelihoodRatio, grid: FloatArray, x: FloatArray) -> FloatArray:
    """-2 log of the ratio of each point to the best one, shape (..., g); arguments as of `log_likelihoods`."""
    total = log_likelihoods(ratio, grid, x)
    return np.asarray(2 * (total.max(axis=-1, keepdims=True) - total))


def log_likelihoods(ratio: LikelihoodRatio, grid: FloatArray, x: FloatArray, weight: FloatArray | None = None) -> FloatArray:
    """Sum of the logarithms of the ratios of independent events at each point, shape (..., g).

    Parameters
    ----------
    ratio : LikelihoodRatio
        Of one event.
    grid : ndarray of float64, shape (g, d)
        Points, in the prior.
    x : ndarray of float64, shape (..., m, k)
        Events of one observation or of many.
    weight : ndarray of float64, shape (..., m), optional
        Of each event: 0 for those that are not there, others for an Asimov set.
    """
    each = pairs_of(ratio, grid, x.reshape(-1, x.shape[-1])).reshape(*x.shape[:-1], len(grid))
    return np.asarray(each.sum(axis=-2) if weight is None else np.einsum("...mg,...m->...g", each, weight))


def pairs_of(ratio: LikelihoodRatio, grid: FloatArray, x: FloatArray) -> FloatArray:
    """Logarithm of the ratio of each event, shape (m, k), at each point, shape (g, d); shape (m, g)."""
    ratio.prior.check(grid, "points of the grid")
    step, parts = max(1, _PAIRS_AT_ONCE // len(grid)), []
    for first in range(0, len(x), step):
        some = x[first : first + step]
        pairs = ratio.log_ratio(np.tile(grid, (len(some), 1)), np.repeat(some, len(grid), axis=0))
        parts.append(pairs.reshape(len(some), len(grid)))
    return np.concatenate(parts)


def asymptotic_belt(grid: FloatArray, level: float, events: int) -> Belt:
    """Quantile of chi squared with as many degrees of freedom as parameters (S. S. Wilks, 1938); for large observations."""
    _check_level(level)
    critical = float(require("scipy.stats").chi2.ppf(level, grid.shape[1]))
    return Belt(grid, np.full(len(grid), critical), level, events, "asymptotic")


def neyman_belt(
    ratio: LikelihoodRatio,
    simulator: Simulator,
    grid: FloatArray,
    *,
    level: float,
    events: int,
    toys: int = 500,
    seed: int = 1,
    progress: Progress = SILENT,
) -> Belt:
    """Quantile of the statistic over toys at each point.

    Parameters
    ----------
    ratio : LikelihoodRatio
        Of one event.
    simulator : Simulator
        Makes one event for each row of parameters.
    grid : ndarray of float64, shape (g, d)
        Points.
    level : float
        Confidence, such as 0.683.
    events : int
        Of an observation.
    toys : int
        Observations at each point. The accepted value is the one that at most a share 1 - level of (toys + 1) exceeds: a new
        observation is accepted at least as often as `level` says, on average over toys.
    seed : int
        Of the toys.
    progress : Progress
        Told about points.
    """
    _check_level(level)
    place = int(np.ceil(level * (toys + 1))) - 1
    if place >= toys:
        msg = f"{toys} toys are too few for a confidence of {level}; give at least {int(np.ceil(level / (1 - level)))}"
        raise ConfigError(msg)
    critical = np.empty(len(grid))
    progress.start("toys", len(grid))
    for index, made in _toys(ratio, simulator, grid, (toys, events), seed):
        statistic = likelihood_scan(ratio, grid, made)[:, index]
        critical[index] = np.sort(statistic)[place]
        progress.advance()
    progress.finish()
    return Belt(grid, critical, level, events, "toys")


def coverage_map(
    belt: Belt, ratio: LikelihoodRatio, simulator: Simulator, *, toys: int = 200, seed: int = 2
) -> tuple[FloatArray, FloatArray]:
    """Share of toys whose set holds the truth at each point of the grid, and its error, shapes (g,).

    With a seed that the belt was not made with.
    """
    share = np.empty(len(belt.grid))
    for index, made in _toys(ratio, simulator, belt.grid, (toys, belt.events), seed):
        share[index] = (likelihood_scan(ratio, belt.grid, made)[:, index] <= belt.critical[index]).mean()
    return share, np.sqrt(np.maximum(share * (1 - share), 1 / toys) / toys)


def crossings(grid: FloatArray, statistic: FloatArray, critical: float) -> tuple[float, float]:
    """Where the statistic of one parameter, shape (g,), crosses `critical` on both sides of its least value.

    The end of the grid where it does not.
    """
    best = int(np.argmin(statistic))
    below, above = statistic[: best + 1][::-1], statistic[best:]
    low = float(np.interp(critical, np.maximum.accumulate(below), grid[: best + 1][::-1]))
    return low, float(np.interp(critical, np.maximum.accumulate(above), grid[best:]))


def _toys(ratio: LikelihoodRatio, simulator: Simulator, grid: FloatArray, shape: tuple[int, int], seed: int) -> Any:
    """Observations at each point, shape (toys, events, k), one point after another."""
    for index, theta in enumerate(grid):
        rng = np.random.default_rng((seed, index))
        made = observe(simulator, ratio.prior, np.tile(theta, (shape[0] * shape[1], 1)), rng)
        if made.sets:
            msg = "toys need a simulator of single events, shape (n, k), not of sets"
            raise DataError(msg)
        yield index, made.x.reshape(*shape, -1)


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        msg = f"a confidence is between 0 and 1, received {level}"
        raise ConfigError(msg)
