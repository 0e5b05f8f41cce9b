"""Quantities as networks like them: each one standard normal in the simulation, whole numbers smeared into continuous ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from l1ml._optional import require
from l1ml.errors import DataError
from offline.unfolding.sample import FloatArray

__all__ = ["Coordinates"]

_KNOTS, _POINTS = 33, 4097


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Monotone maps, one for each quantity, under which the simulation is standard normal.

    Edges that selections and physics cut into a spectrum disappear, since nature has them in the same place; what a flow then
    has to describe is the smooth ratio of nature to simulation. Densities under these maps may be compared with each other
    without their Jacobian, which depends on neither.

    Parameters
    ----------
    table : ndarray of float64, shape (d, points)
        Value of each quantity at equidistant standard normal ones in [-reach, reach]; straight beyond.
    whole : ndarray of bool, shape (d,)
        Quantities that take whole numbers only.
    reach : float
        End of the table.
    """

    table: FloatArray
    whole: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    reach: float

    @classmethod
    def of(cls, values: FloatArray, weight: FloatArray, rng: np.random.Generator, names: tuple[str, ...]) -> Coordinates:
        """Maps that make `values`, shape (n, d), standard normal.

        Raises
        ------
        DataError
            If a quantity is constant.
        """
        whole = (values == np.round(values)).all(axis=0)
        for name, column in zip(names, values.T, strict=True):
            if column.min() == column.max():
                msg = f"{name!r} is {column[0]:g} in every simulated event: leave it out"
                raise DataError(msg)
        reach = float(np.clip(require("scipy.special").ndtri(1 - 25 / len(values)), 0.5, 3.5))
        smeared = _smeared(values, whole, rng)
        return cls(np.stack([_table(column, np.maximum(weight, 0), reach) for column in smeared.T]), whole, reach)

    @property
    def d(self) -> int:
        """Number of quantities."""
        return len(self.table)

    def forward(self, values: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Standard normal quantities of `values`, shape (n, d); `rng` smears whole numbers."""
        grid = np.linspace(-self.reach, self.reach, self.table.shape[1])
        smeared = _smeared(values, self.whole, rng)
        return np.stack([_straight(column, table, grid) for column, table in zip(smeared.T, self.table, strict=True)], axis=1)

    def backward(self, values: FloatArray) -> FloatArray:
        """Quantities of standard normal `values`, shape (n, d)."""
        grid = np.linspace(-self.reach, self.reach, self.table.shape[1])
        result = np.stack([_straight(column, grid, table) for column, table in zip(values.T, self.table, strict=True)], axis=1)
        return np.where(self.whole, np.round(result), result)


def _smeared(values: FloatArray, whole: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], rng: np.random.Generator) -> FloatArray:
    """`values` with whole numbers spread over the unit around them."""
    return np.where(whole, values + rng.uniform(-0.5, 0.5, values.shape), values)


def _table(column: FloatArray, weight: FloatArray, reach: float) -> FloatArray:
    """Quantiles of `column` at standard normal values, through a smooth monotone curve of few knots."""
    special, interpolate = require("scipy.special"), require("scipy.interpolate")
    order = np.argsort(column, kind="stable")
    share = np.cumsum(weight[order]) - 0.5 * weight[order]
    knots = np.linspace(-reach, reach, _KNOTS)
    quantiles = np.interp(special.ndtr(knots), share / weight.sum(), column[order])
    # ties would make the map impossible to invert
    step = 1e-9 * (np.abs(quantiles).max() + np.ptp(quantiles))
    quantiles = np.maximum.accumulate(quantiles + step * np.arange(_KNOTS))
    curve: FloatArray = interpolate.PchipInterpolator(knots, quantiles)(np.linspace(-reach, reach, _POINTS))
    return curve


def _straight(values: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Interpolation between the points (x, y), continued beyond with the slope that the outer tenth of them has."""
    result = np.interp(values, x, y)
    tail = len(x) // 10
    low, high = (y[tail] - y[0]) / (x[tail] - x[0]), (y[-1] - y[-1 - tail]) / (x[-1] - x[-1 - tail])
    result += low * np.minimum(values - x[0], 0) + high * np.maximum(values - x[-1], 0)
    return result
