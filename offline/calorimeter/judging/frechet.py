"""Fréchet physics distance: how far apart the means and covariances of two samples are, without what their sizes add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.errors import ConfigError
from offline.calorimeter.judging.samples import FloatArray, check_pair

__all__ = ["FrechetDistance", "FrechetSettings", "frechet_distance", "frechet_physics_distance", "normalised"]


@dataclass(frozen=True, slots=True)
class FrechetSettings:
    """Batches of the extrapolation; the values of the CaloChallenge (arXiv:2410.21611) are the defaults.

    Parameters
    ----------
    smallest, largest : int
        Showers in a batch; sizes between them are equally spaced in 1/size.
    points : int
        Sizes.
    batches : int
        Batches of each size, averaged.

    Raises
    ------
    ConfigError
        If there are fewer than three sizes, no batches, or sizes do not rise.
    """

    smallest: int = 10_000
    largest: int = 50_000
    points: int = 10
    batches: int = 20

    def __post_init__(self) -> None:
        if not 10 <= self.smallest < self.largest or self.points < 3 or self.batches < 1:
            msg = f"batches must have 10 showers or more, sizes rise, at least three of them, received {self}"
            raise ConfigError(msg)

    @classmethod
    def of_size(cls, showers: int, *, points: int = 10, batches: int = 20) -> FrechetSettings:
        """The defaults if there are 50,000 showers or more, else sizes in the same proportion up to their number."""
        largest = min(50_000, showers)
        return cls(largest // 5, largest, points, batches)

    @property
    def sizes(self) -> FloatArray:
        """Showers in a batch, shape (points,), falling in 1/size."""
        return np.floor(1 / np.linspace(1 / self.smallest, 1 / self.largest, self.points) + 1e-6)


@dataclass(frozen=True, eq=False, slots=True)
class FrechetDistance:
    """A Fréchet distance extrapolated to batches without end.

    Parameters
    ----------
    value : float
        Intercept of a line in 1/size, the definition of R. Kansal et al. (arXiv:2211.10295): the figure to hold against published
        ones of as many showers.
    error : float
        Of the intercept, from the scatter about the line. All batches are drawn from one pair of pools: it does not know
        how other pools would differ.
    corrected : float
        The same without what the finite pools themselves add. A pool of N differs from its parent as a batch of N does from the
        pool, so the line, read at 1/size = -1/N, has neither (to first order): zero for equal parents, up to chance of either
        sign.
    sizes, means : ndarray of float64, shape (points,)
        The line: showers in a batch, mean distance.
    """

    value: float
    error: float
    corrected: float
    sizes: FloatArray
    means: FloatArray

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "value": self.value,
            "error": self.error,
            "corrected": self.corrected,
            "sizes": self.sizes.tolist(),
            "means": self.means.tolist(),
        }


def frechet_physics_distance(
    truth: FloatArray, generated: FloatArray, settings: FrechetSettings | None = None, *, seed: int = 1
) -> FrechetDistance:
    """FPD of two samples in the same quantities, each quantity over its largest absolute value in the truth.

    The distance of two Gaussians with the means and covariances of batches grows as 1/size from chance alone; a straight line
    through the mean distances of several sizes leaves that out. Against the public code: random numbers are seeded, quantities
    need not be normalised before, the line is not bound to be positive (equal samples may come out below zero), and the root of
    the covariances is that of a symmetric matrix, which has no imaginary part.

    Parameters
    ----------
    truth, generated : ndarray of float64, shape (n, d) and (m, d)
        Quantities of showers.
    settings : FrechetSettings, optional
        Batches; what suits the smaller sample when absent.
    seed : int
        Of the batches.
    """
    check_pair(truth, generated, least=50)
    settings = settings or FrechetSettings.of_size(min(len(truth), len(generated)))
    pools = normalised(truth, generated)
    rng = np.random.default_rng(seed)
    sizes = settings.sizes
    means = np.array([np.mean([_of_batches(pools, int(size), rng) for _ in range(settings.batches)]) for size in sizes])
    slope, intercept, error = _line(1 / sizes, means)
    # the slope holds the variance of both samples in equal parts
    pool = 0.5 * (1 / len(truth) + 1 / len(generated))
    return FrechetDistance(intercept, error, intercept - slope * pool, sizes, means)


def normalised(truth: FloatArray, generated: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both samples, each quantity divided by its largest absolute value in the truth; what is zero there stays as it is."""
    largest = np.abs(truth).max(axis=0)
    scale = np.where(largest > 0, largest, 1.0)
    return truth / scale, generated / scale


def frechet_distance(one: tuple[FloatArray, FloatArray], two: tuple[FloatArray, FloatArray]) -> float:
    """Squared 2-Wasserstein distance of two Gaussians (D. Dowson and B. Landau, J. Multivar. Anal. 12 (1982) 450).

    Parameters
    ----------
    one, two : tuple of ndarray, shapes (d,) and (d, d)
        Mean and covariance.
    """
    (mean, covariance), (other_mean, other_covariance) = one, two
    root = _root(covariance)
    # eigenvalues of C1 C2 are those of this symmetric matrix; chance may put them below zero by rounding alone
    shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ other_covariance @ root), 0)).sum()
    return float(np.sum((mean - other_mean) ** 2) + np.trace(covariance) + np.trace(other_covariance) - 2 * shared)


def _root(covariance: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)


def _of_batches(pools: tuple[FloatArray, FloatArray], size: int, rng: np.random.Generator) -> float:
    one, two = (_moments(pool[rng.integers(len(pool), size=size)]) for pool in pools)
    return frechet_distance(one, two)


def _moments(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and covariance, of which only one triangle is computed."""
    mean = values.mean(axis=0)
    upper = require("scipy.linalg.blas").dsyrk(1 / (len(values) - 1), (values - mean).T)
    return mean, np.asarray(upper + np.triu(upper, 1).T)


def _line(x: FloatArray, y: FloatArray) -> tuple[float, float, float]:
    """Slope, intercept and standard error of the intercept of a straight line."""
    away = x - x.mean()
    slope = float(away @ y / (away @ away))
    intercept = float(y.mean() - slope * x.mean())
    variance = float(np.sum((y - intercept - slope * x) ** 2)) / (len(x) - 2)
    return slope, intercept, float(np.sqrt(variance * (1 / len(x) + x.mean() ** 2 / (away @ away))))
