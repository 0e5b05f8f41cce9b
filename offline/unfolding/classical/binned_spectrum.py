"""An unfolded spectrum in bins, with its covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from l1ml.errors import DataError
from offline.unfolding.classical.binning import Grid
from offline.unfolding.sample import FloatArray

__all__ = ["BinnedSpectrum"]


@dataclass(frozen=True, eq=False)
class BinnedSpectrum:
    """True yield in the bins of `grid`.

    Parameters
    ----------
    grid : Grid
        Bins at generation.
    values : ndarray of float64, shape (n,)
        Estimated true yield in each, in the unit of the weights of the data.
    covariance : ndarray of float64, shape (n, n), optional
        Its covariance, where it was asked for.
    stages : ndarray of float64, shape (k, n)
        Values after each iteration; the last are `values`.
    """

    grid: Grid
    values: FloatArray
    covariance: FloatArray | None
    stages: FloatArray

    @property
    def error(self) -> FloatArray:
        """Standard deviation of each value, shape (n,).

        Raises
        ------
        DataError
            If no covariance was asked for.
        """
        return np.asarray(np.sqrt(np.diagonal(self._known())))

    @property
    def correlation(self) -> FloatArray:
        """Correlation matrix, shape (n, n); zero where a value has no error. Raises as `error`."""
        scale = np.outer(self.error, self.error)
        return np.divide(self._known(), scale, out=np.zeros_like(scale), where=scale > 0)

    def _known(self) -> FloatArray:
        if self.covariance is None:
            msg = "the spectrum was unfolded without its covariance; set covariance = 'data' or 'data+mc'"
            raise DataError(msg)
        return self.covariance
