"""Tables of quantiles at equidistant normal scores: values as scores and back, linear between knots and beyond them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require

__all__ = ["quantile_table", "scores_of", "values_of"]

FloatArray = NDArray[np.float64]

_KNOTS, _REACH = 33, 3.0


def quantile_table(values: NDArray[Any]) -> FloatArray:
    """Quantiles of each column of `values`, shape (n, k), at normal scores from -3 to 3; shape (k, knots), rising."""
    levels = require("scipy.special").ndtr(np.linspace(-_REACH, _REACH, _KNOTS))
    table = np.quantile(values, levels, axis=0).T
    # ties would make the map impossible to invert
    return np.asarray(np.maximum.accumulate(table, axis=1) + 1e-6 * np.arange(_KNOTS))


def scores_of(values: NDArray[Any], table: FloatArray) -> FloatArray:
    """Normal score of each value in its own table, shape (*values.shape, knots)."""
    cell = _cell((table <= values[..., None]).sum(axis=-1))
    low, high = (np.take_along_axis(table, cell + step, axis=-1)[..., 0] for step in (0, 1))
    step = 2 * _REACH / (_KNOTS - 1)
    return np.asarray((cell[..., 0] + (values - low) / (high - low)) * step - _REACH)


def values_of(scores: NDArray[Any], table: FloatArray) -> FloatArray:
    """Value of each normal score in its own table."""
    place = (scores + _REACH) * ((_KNOTS - 1) / (2 * _REACH))
    cell = _cell(np.floor(place).astype(np.int64) + 1)
    low, high = (np.take_along_axis(table, cell + step, axis=-1)[..., 0] for step in (0, 1))
    return np.asarray(low + (place - cell[..., 0]) * (high - low))


def _cell(below: NDArray[np.int64]) -> NDArray[np.int64]:
    """Interval of a table; beyond its ends the outer ones go on."""
    return np.clip(below - 1, 0, _KNOTS - 2)[..., None]
