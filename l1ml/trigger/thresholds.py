"""Thresholds of a score for a given zero-bias rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError

__all__ = ["threshold_at_rate"]


def threshold_at_rate(scores: NDArray[np.int64], weights: NDArray[np.float64], rate_khz: float, crossing_rate_khz: float) -> int:
    """Smallest score word whose zero-bias rate is at most `rate_khz`.

    Parameters
    ----------
    scores : ndarray of int64, shape (n,)
        Score words of zero-bias crossings.
    weights : ndarray of float64, shape (n,)
        Their weights, not negative.
    rate_khz : float
        Rate to stay at or below, positive.
    crossing_rate_khz : float
        Rate of all crossings.

    Returns
    -------
    int
        Word t such that ``score >= t`` has a rate of at most `rate_khz` while ``score >= t - 1`` has more.  All crossings
        of one word pass or fail together, so the rate may lie well below the target when words repeat; when even the
        largest word seen is too frequent, t is one above it and nothing in the sample passes (its rate is then quoted as
        an upper limit).

    Raises
    ------
    ConfigError
        If the target is not positive.
    DataError
        If there are no crossings, or scores and weights differ in shape.

    Examples
    --------
    >>> threshold_at_rate(np.array([1, 5, 5, 9]), np.ones(4), 25.0, 100.0)
    6
    """
    if not rate_khz > 0:
        msg = f"rate_khz must be positive, received {rate_khz!r}"
        raise ConfigError(msg)
    if scores.size == 0 or scores.shape != weights.shape:
        msg = f"a threshold needs one weight for each score, received shapes {scores.shape} and {weights.shape}"
        raise DataError(msg)
    words, inverse = np.unique(scores, return_inverse=True)
    at_or_above = np.cumsum(np.bincount(inverse, weights)[::-1])[::-1]
    too_many = np.flatnonzero(at_or_above / at_or_above[0] * crossing_rate_khz > rate_khz)
    return int(words[too_many[-1]]) + 1 if too_many.size else int(words[0])
