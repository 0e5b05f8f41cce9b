"""The threshold of a rate, refused where the sample holds too few crossings to know it."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.rates.sample import WeightedSample
from l1ml.trigger.rates.weighted_fraction import WeightedFraction
from l1ml.trigger.thresholds import threshold_at_rate

__all__ = ["MIN_EFFECTIVE", "RateResolutionError", "resolved_threshold"]

MIN_EFFECTIVE = 10.0
"""Effective zero-bias crossings at or above a threshold that are asked for: its rate is then known to a third."""


class RateResolutionError(DataError):
    """A sample does not say where the threshold of a rate is.

    Attributes
    ----------
    n_needed : int or None
        Crossings that would be enough, of the kind that the sample has; None where more of them would not help.
    """

    def __init__(self, message: str, n_needed: int | None) -> None:
        super().__init__(message)
        self.n_needed = n_needed


def resolved_threshold(
    words: NDArray[np.int64],
    sample: WeightedSample,
    rate_khz: float,
    crossing_rate_khz: float,
    *,
    min_effective: float = MIN_EFFECTIVE,
) -> tuple[int, WeightedFraction]:
    """Smallest score word whose zero-bias rate is at most `rate_khz`, and the fraction of crossings that reach it.

    Parameters
    ----------
    words : ndarray of int64, shape (n,)
        Score words of zero-bias crossings.
    sample : WeightedSample
        Their weights and draws.
    rate_khz : float
        Rate to stay at or below, positive.  Crossings of one word pass or fail together: the rate that results is that of the
        fraction and may be lower.
    crossing_rate_khz : float
        Rate of all crossings.
    min_effective : float
        Effective crossings that must reach the threshold, positive.

    Raises
    ------
    ConfigError
        If a rate or `min_effective` is not positive.
    RateResolutionError
        If too few crossings reach the threshold, saying how many are needed; or if one word is so frequent that no threshold
        has a rate near the one asked for.
    """
    if not min_effective > 0:
        msg = f"min_effective must be positive, received {min_effective!r}"
        raise ConfigError(msg)
    threshold = threshold_at_rate(words, sample.weight, rate_khz, crossing_rate_khz)
    reached = sample.fraction(words >= threshold)
    if reached.n_effective >= min_effective:
        return threshold, reached
    largest = int(words[sample.weight > 0].max())
    nearest = reached if reached.value > 0 else sample.fraction(words >= largest)
    nearest_khz = nearest.value * crossing_rate_khz
    expected = nearest.n_effective * min(rate_khz / nearest_khz, 1.0)
    if expected >= min_effective:
        msg = (
            f"no threshold has a zero-bias rate near {rate_khz:g} kHz: the largest score word, {largest}, alone comes "
            f"at {nearest_khz:.3g} kHz ({nearest.n_events:,} crossings); more events do not help, a score of more bits does"
        )
        raise RateResolutionError(msg, None)
    needed = ceil(words.size * min_effective / expected)
    msg = (
        f"{rate_khz:g} kHz of {crossing_rate_khz:,.0f} kHz needs {min_effective:g} effective zero-bias crossings at or above the "
        f"threshold, {words.size:,} crossings have {expected:.2g}: about {needed:,} are needed, {needed / words.size:.2g} times "
        "as many (--events of l1ml data generate), or a higher rate"
    )
    raise RateResolutionError(msg, needed)
