"""The part of gen that follows from reco without a network, taken out before one sees it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offline.unfolding.generative.profile import Profile
from offline.unfolding.sample import FloatArray

__all__ = ["Regression", "fit_regression"]


@dataclass(frozen=True, eq=False)
class Regression:
    """A straight line in x, and the profile of what is left around it.

    A quantity that is measured well has a posterior a hundred times narrower than its spectrum, wider at some values than at
    others, with tails ten times as wide as its core. Its residual is standard normal over all pairs, and networks have only to
    learn how it depends on x. Whatever x is, one density of the residual belongs to one of z.

    Parameters
    ----------
    slope : ndarray of float64, shape (d_reco, d_gen)
        Coefficients.
    constant : ndarray of float64, shape (d_gen,)
        Offset.
    profiles : tuple of Profile
        Of each quantity.
    """

    slope: FloatArray
    constant: FloatArray
    profiles: tuple[Profile, ...]

    def residual(self, gen: FloatArray, reco: FloatArray) -> FloatArray:
        """What networks learn, shape (n, d_gen)."""
        columns = zip(self.profiles, self._centre(reco).T, gen.T, strict=True)
        return np.stack([profile.residual(centre, z) for profile, centre, z in columns], axis=1)

    def restored(self, residual: FloatArray, reco: FloatArray) -> FloatArray:
        """The inverse of `residual`; `reco` has as many rows, or each of its rows stands for as many in a row."""
        centres = np.repeat(self._centre(reco), len(residual) // len(reco), axis=0)
        columns = zip(self.profiles, centres.T, residual.T, strict=True)
        return np.stack([profile.restored(centre, column) for profile, centre, column in columns], axis=1)

    def _centre(self, reco: FloatArray) -> FloatArray:
        return self.constant + reco @ self.slope


def fit_regression(gen: FloatArray, reco: FloatArray) -> Regression:
    """Least squares over pairs, weights aside: any coefficients are right, these make the residuals small."""
    terms = np.column_stack([np.ones(len(reco)), reco])
    coefficients: FloatArray = np.linalg.lstsq(terms, gen, rcond=None)[0].astype(np.float64)
    profiles = tuple(Profile.of(centre, z) for centre, z in zip((terms @ coefficients).T, gen.T, strict=True))
    return Regression(coefficients[1:], coefficients[0], profiles)
