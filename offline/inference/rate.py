"""What numbers of events say of the parameters, in one bin or in many, beside what each event says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from l1ml._optional import require
from l1ml.errors import DataError
from offline.inference.arrays import FloatArray, IntArray

__all__ = ["Rate"]


@dataclass(frozen=True, slots=True)
class Rate:
    """Poisson numbers.

    Parameters
    ----------
    expected : callable
        From parameters, shape (n, d), to expected numbers, all positive: shape (n,), or (n, b) for bins. Bins do not overlap, and
        events that are counted in bins are not asked one by one.
    """

    expected: Callable[[FloatArray], FloatArray]

    def log_likelihood(self, theta: FloatArray, counts: IntArray | FloatArray) -> FloatArray:
        """Logarithm of the probability, shape (..., n), of counts of shape (...) or (..., b) at parameters of shape (n, d).

        Counts of an Asimov set need not be whole numbers.

        Raises
        ------
        DataError
            If nothing is expected somewhere, or counts are negative.
        """
        mean = np.asarray(self.expected(theta), np.float64).reshape(len(theta), -1)
        seen = np.asarray(counts, np.float64)
        seen = seen[..., None] if mean.shape[1] == 1 and (seen.ndim == 0 or seen.shape[-1] != 1) else seen
        if seen.shape[-1] != mean.shape[1] or not (mean > 0).all() or (seen < 0).any():
            msg = f"counts of shape {np.shape(counts)} do not fit {mean.shape[1]} bins, or an expectation is not positive"
            raise DataError(msg)
        factorial = require("scipy.special").gammaln(seen + 1).sum(axis=-1)
        return np.asarray(seen @ np.log(mean).T - mean.sum(axis=1) - factorial[..., None])
