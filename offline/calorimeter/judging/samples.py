"""What is judged: quantities of showers, one row for each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError

__all__ = ["BoolArray", "FloatArray", "IndexArray", "check_pair"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IndexArray = NDArray[np.int64]


def check_pair(truth: FloatArray, generated: FloatArray, least: int = 2) -> None:
    """Refuse samples that cannot be compared.

    Parameters
    ----------
    truth, generated : ndarray of float, shape (n, d) and (m, d)
        The same quantities of both.
    least : int
        Fewest showers that the comparison makes sense with.

    Raises
    ------
    DataError
        If they are no tables, have other columns, too few rows, or a value that is not finite.
    """
    for name, values in (("truth", truth), ("generated", generated)):
        if values.ndim != 2 or values.shape[1] == 0:
            msg = f"the {name} sample has the shape {values.shape}, expected (showers, quantities)"
            raise DataError(msg)
        if len(values) < least:
            msg = f"the {name} sample has {len(values)} showers, at least {least} are needed here"
            raise DataError(msg)
        bad = np.argwhere(~np.isfinite(values))
        if bad.size:
            row, column = bad[0]
            msg = f"quantity {column} of shower {row} of the {name} sample is {values[row, column]}; {len(bad)} are not finite"
            raise DataError(msg)
    if truth.shape[1] != generated.shape[1]:
        msg = f"truth has {truth.shape[1]} quantities, the generated sample {generated.shape[1]}: they must be the same"
        raise DataError(msg)
