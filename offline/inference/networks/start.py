"""Where networks start: a Gaussian whose mean is a straight line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from offline.inference.arrays import FloatArray

__all__ = ["LinearGaussian"]


@dataclass(frozen=True, slots=True, eq=False)
class LinearGaussian:
    """z = (1, f) coefficients + root r, with r of mean 0 and unit covariance: networks learn how r depends on the rest.

    Where that is all there is, nothing is left for them to get wrong.

    Parameters
    ----------
    coefficients : ndarray of float64, shape (f + 1, d)
        Of the straight line.
    root : ndarray of float64, shape (d, d)
        Lower triangle.
    """

    coefficients: FloatArray
    root: FloatArray

    @staticmethod
    def of(z: FloatArray, features: FloatArray) -> LinearGaussian:
        """Least squares; z of shape (n, d), features (n, f)."""
        design = _design(features)
        coefficients = np.asarray(np.linalg.lstsq(design, z, rcond=None)[0], np.float64)
        rest = z - design @ coefficients
        covariance = rest.T @ rest / max(len(z) - design.shape[1], 1)
        ridge = 1e-12 * max(float(np.trace(covariance)), np.finfo(np.float64).tiny) * np.eye(z.shape[1])
        return LinearGaussian(coefficients, np.asarray(np.linalg.cholesky(covariance + ridge), np.float64))

    def residual(self, z: FloatArray, features: FloatArray) -> FloatArray:
        """What is left of z, shape (n, d)."""
        return np.asarray(np.linalg.solve(self.root, (z - _design(features) @ self.coefficients).T).T)

    def restored(self, residual: FloatArray, features: FloatArray) -> FloatArray:
        """Inverse of `residual`."""
        return np.asarray(_design(features) @ self.coefficients + residual @ self.root.T)

    @property
    def log_slope(self) -> float:
        """Logarithm of the volume of r per volume of z."""
        return -float(np.log(np.diag(self.root)).sum())

    def arrays(self) -> dict[str, Any]:
        """For a file."""
        return {"coefficients": self.coefficients, "root": self.root}

    @staticmethod
    def from_arrays(arrays: Mapping[str, Any]) -> LinearGaussian:
        """Inverse of `arrays`."""
        return LinearGaussian(arrays["coefficients"], arrays["root"])


def _design(features: FloatArray) -> FloatArray:
    return np.concatenate([np.ones((len(features), 1)), features], axis=1)
