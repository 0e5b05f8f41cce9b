"""Whether a learnt ratio means what it says: of pairs that it calls s likely to belong together, a share s must."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.errors import DataError
from offline.inference.arrays import BoolArray, FloatArray
from offline.inference.diagnostics.uniformity import legendre

__all__ = ["RatioCalibration", "ratio_calibration"]

_ORDER = 3


@dataclass(frozen=True, slots=True, eq=False)
class RatioCalibration:
    """Curve of a classifier: what it predicts, what is true.

    Parameters
    ----------
    predicted, observed : ndarray of float64, shape (bins,)
        Mean prediction and true share in bins of equal content.
    error : ndarray of float64, shape (bins,)
        Standard deviation of the true share if predictions are right.
    p_value : float
        That they are.
    """

    predicted: FloatArray
    observed: FloatArray
    error: FloatArray
    p_value: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "predicted": self.predicted.tolist(),
            "observed": self.observed.tolist(),
            "error": self.error.tolist(),
            "p_value": self.p_value,
        }


def ratio_calibration(log_ratio: FloatArray, joint: BoolArray, *, bins: int = 12) -> RatioCalibration:
    """Calibration of the ratio of two densities on as many pairs of each kind.

    Parameters
    ----------
    log_ratio : ndarray of float64, shape (n,)
        Logarithm of the ratio; the chance that a pair is of the first kind is r / (1 + r).
    joint : ndarray of bool, shape (n,)
        Whether it is.
    bins : int
        Of the curve. The test needs none: differences of truth and prediction are summed with Legendre polynomials of the rank of
        the prediction as weights, which are normal with known covariance; chi squared of four degrees of freedom.
    """
    if log_ratio.shape != joint.shape or len(log_ratio) < 2 * bins:
        msg = f"ratios {log_ratio.shape} and kinds {joint.shape} must be of one length, at least {2 * bins}"
        raise DataError(msg)
    special, stats = require("scipy.special"), require("scipy.stats")
    # a ratio may be very certain, but a variance must not be zero
    predicted = np.clip(special.expit(log_ratio), 1e-9, 1 - 1e-9)
    variance = predicted * (1 - predicted)
    ranks = (np.argsort(np.argsort(predicted, kind="stable")) + 0.5) / len(predicted)
    weights = np.concatenate([np.ones((len(ranks), 1)), legendre(ranks, _ORDER)], axis=1)
    moved = weights.T @ (joint - predicted)
    covariance = weights.T @ (variance[:, None] * weights)
    p_value = float(stats.chi2.sf(moved @ np.linalg.solve(covariance, moved), len(moved)))
    parts = np.array_split(np.argsort(predicted), bins)
    curve = [[predicted[rows].mean(), joint[rows].mean(), np.sqrt(variance[rows].sum()) / len(rows)] for rows in parts]
    predicted_mean, observed, error = np.array(curve).T
    return RatioCalibration(predicted_mean, observed, error, p_value)
