"""Calibration of p(z | x): the rank of the truth among draws is uniform if the density is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from offline.unfolding.sample import FloatArray

__all__ = ["RankHistogram", "rank_histogram"]


@dataclass(frozen=True, eq=False)
class RankHistogram:
    """Histogram of ranks of one quantity (arXiv:1804.06788).

    Parameters
    ----------
    counts : ndarray of float64, shape (bins,)
        Weight in each bin of rank; a valley in the middle means draws that are too narrow, a slope a bias.
    variance : ndarray of float64, shape (bins,)
        Of the counts: sum of squared weights.
    """

    counts: FloatArray
    variance: FloatArray

    @property
    def chi2_per_bin(self) -> float:
        """Chi squared against a flat histogram of the same weight, per degree of freedom; about 1 if calibrated."""
        expected = self.counts.sum() / self.counts.size
        error = np.maximum(self.variance.sum() / self.counts.size, np.finfo(np.float64).tiny)
        return float(np.square(self.counts - expected).sum() / error / (self.counts.size - 1))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"counts": self.counts.tolist(), "chi2_per_bin": self.chi2_per_bin}


def rank_histogram(truth: FloatArray, draws: FloatArray, weight: FloatArray, bins: int = 16) -> RankHistogram:
    """Histogram of the rank of each true value among its draws.

    Parameters
    ----------
    truth : ndarray of float64, shape (n,)
        True values.
    draws : ndarray of float64, shape (n, samples)
        Draws for each; samples + 1 must be a multiple of `bins`, so that every bin holds as many ranks.
    weight : ndarray of float64, shape (n,)
        Weight of each pair.
    bins : int
        How many.
    """
    samples = draws.shape[1]
    if (samples + 1) % bins:
        msg = f"{samples} draws have {samples + 1} ranks, which {bins} bins cannot share evenly"
        raise ValueError(msg)
    place = (draws < truth[:, None]).sum(axis=1) * bins // (samples + 1)
    counts, variance = (np.bincount(place, values, bins).astype(np.float64) for values in (weight, np.square(weight)))
    return RankHistogram(counts, variance)
