"""The part of gen that follows linearly from reco, taken out before a network sees it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offline.unfolding.sample import FloatArray

__all__ = ["Regression", "fit_regression"]


@dataclass(frozen=True, eq=False)
class Regression:
    """z = constant + x @ slope + width * residual; the density of the residual given x is that of z but for a constant factor.

    A quantity that is measured well has a posterior a hundred times narrower than its spectrum; its residual has width 1, and
    networks have only the rest to learn.

    Parameters
    ----------
    slope : ndarray of float64, shape (d_reco, d_gen)
        Coefficients.
    constant, width : ndarray of float64, shape (d_gen,)
        Offset, and standard deviation of the residuals.
    """

    slope: FloatArray
    constant: FloatArray
    width: FloatArray

    def residual(self, gen: FloatArray, reco: FloatArray) -> FloatArray:
        """What networks learn, shape (n, d_gen)."""
        return (gen - self.constant - reco @ self.slope) / self.width

    def restored(self, residual: FloatArray, reco: FloatArray) -> FloatArray:
        """The inverse of `residual`; `reco` has as many rows, or each of its rows stands for as many in a row."""
        centre = self.constant + reco @ self.slope
        return np.repeat(centre, len(residual) // len(reco), axis=0) + self.width * residual


def fit_regression(gen: FloatArray, reco: FloatArray) -> Regression:
    """Least squares over pairs, weights aside: any coefficients are right, these make the residuals small."""
    terms = np.column_stack([np.ones(len(reco)), reco])
    coefficients: FloatArray = np.linalg.lstsq(terms, gen, rcond=None)[0].astype(np.float64)
    width: FloatArray = (gen - terms @ coefficients).std(axis=0)
    width[width <= 1e-6] = 1.0
    return Regression(coefficients[1:], coefficients[0], width)
