"""Correlations between the rates of algorithms that fire in the same crossings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.rates.draw_sums import DrawSums
from l1ml.trigger.rates.pair_sums import PairSums
from l1ml.trigger.rates.sample_sums import SampleSums, variance

__all__ = ["rate_correlation"]


def rate_correlation(single: DrawSums, pairs: PairSums, whole: SampleSums) -> NDArray[np.float64]:
    """Correlation of the statistical errors of the rates alone, shape (k, k).

    With the firing weight ``X_ga`` of algorithm a in draw g, the weight ``W_g`` of the draw and ``r_a = sum_g X_ga / W``::

        cov(r_a, r_b) = G / (G - 1) * sum_g (X_ga - r_a W_g) (X_gb - r_b W_g) / W^2

    A prescale multiplies a rate and its error by the same number, so that rates after prescale have the same correlations. The
    rate of an algorithm that never or always fires does not vary: 0 with all others, 1 with itself.
    """
    rate = single.total / whole.weight
    cross = np.outer(rate, single.cross)
    covariance = pairs.products - (cross + cross.T) + np.outer(rate, rate) * whole.squares
    terms = zip(single.total, single.squares, single.cross, strict=True)
    varies = np.array([variance(whole, *values) > 0 for values in terms], dtype=np.bool_)
    deviation = np.sqrt(np.where(varies, np.diag(covariance), np.inf))
    correlation = np.clip(covariance / np.outer(deviation, deviation), -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    return np.asarray(correlation)
