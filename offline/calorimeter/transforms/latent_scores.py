"""Scores of columns of which only a range is known: numbers of hits, and what an empty layer does not say.

A count of n hits stands for any score between those of n and n + 1. Were it drawn evenly there, it would forget what the other
columns say of the layer, and a model of such scores would scatter hits over layers that no shower reaches. So it is drawn from
the normal distribution given all other scores, within its range, and the correlations are estimated anew, by turns: the Gibbs
sampler of a Gaussian copula (Hoff 2007, arXiv:math/0610413).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from offline.calorimeter.transforms.scores import Scores

__all__ = ["latent_scores"]

FloatArray = NDArray[np.float64]


def latent_scores(
    scores: Scores,
    columns: FloatArray,
    incident: FloatArray,
    *,
    low: FloatArray,
    high: FloatArray,
    sweeps: int,
    rng: np.random.Generator,
) -> tuple[Scores, FloatArray]:
    """Correlations of the scores behind `columns`, and the scores themselves, drawn.

    Parameters
    ----------
    scores : Scores
        Tables of quantiles; its correlations are where the sampler begins.
    columns : ndarray of float64, shape (n, k)
        Where the sampler begins.
    incident : ndarray of float64, shape (n,)
        Energies of the particles.
    low, high : ndarray of float64, shape (n, k)
        Ends of the range of each column; equal where it is known, infinite where nothing is.
    sweeps : int
        How often all are drawn.
    rng : Generator
        Random numbers.

    Returns
    -------
    scores : Scores
        The same with the correlations that were found.
    values : ndarray of float64, shape (n, k)
        What `scores.forward` would give, had the columns been known.
    """
    plain = scores.uncorrelated()
    values = plain.forward(columns, incident)
    ends = [
        np.where(np.isfinite(end), plain.forward(np.where(np.isfinite(end), end, columns), incident), end) for end in (low, high)
    ]
    free = np.flatnonzero((low < high).any(axis=0))
    found = plain.correlated(values, incident)
    for _ in range(sweeps):
        for node, rows in enumerate(found.nearest(incident)):
            values[rows] = _drawn(values[rows], found.factors[node], free, (ends[0][rows], ends[1][rows]), rng)
        found = plain.correlated(values, incident)
    return found, found.decorrelated(values, incident)


def _drawn(
    values: FloatArray, factor: FloatArray, free: NDArray[np.int64], ends: tuple[FloatArray, FloatArray], rng: np.random.Generator
) -> FloatArray:
    """All `free` columns of `values`, one after the other, from their distribution given the others within `ends`."""
    special = require("scipy.special")
    precision = np.linalg.inv(factor @ factor.T)
    made = values.copy()
    for at in free:
        width = 1 / np.sqrt(precision[at, at])
        mean = made[:, at] - made @ precision[:, at] / precision[at, at]
        low, high = ((end[:, at] - mean) / width for end in ends)
        # from the side where more digits are
        sign = np.where(low > 0, -1.0, 1.0)
        near, far = special.ndtr(np.where(low > 0, -high, low)), special.ndtr(np.where(low > 0, -low, high))
        drawn = mean + width * sign * special.ndtri(near + (far - near) * rng.random(len(mean)))
        kept = np.clip(np.where(np.isfinite(drawn), drawn, made[:, at]), ends[0][:, at], ends[1][:, at])
        made[:, at] = np.where(ends[0][:, at] < ends[1][:, at], kept, made[:, at])
    return made
