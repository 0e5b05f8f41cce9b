"""Quantities as networks like them: each one standard normal in the simulation, whole numbers smeared into continuous ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from l1ml.errors import DataError
from offline.unfolding.normal_scores import follow, score_curve, score_reach
from offline.unfolding.sample import FloatArray

__all__ = ["Coordinates"]


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
        reach = score_reach(len(values))
        smeared = _smeared(values, whole, rng)
        return cls(np.stack([score_curve(column, np.maximum(weight, 0), reach) for column in smeared.T]), whole, reach)

    @property
    def d(self) -> int:
        """Number of quantities."""
        return len(self.table)

    def forward(self, values: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Standard normal quantities of `values`, shape (n, d); `rng` smears whole numbers."""
        grid = np.linspace(-self.reach, self.reach, self.table.shape[1])
        smeared = _smeared(values, self.whole, rng)
        return np.stack([follow(column, table, grid) for column, table in zip(smeared.T, self.table, strict=True)], axis=1)

    def backward(self, values: FloatArray) -> FloatArray:
        """Quantities of standard normal `values`, shape (n, d)."""
        grid = np.linspace(-self.reach, self.reach, self.table.shape[1])
        result = np.stack([follow(column, grid, table) for column, table in zip(values.T, self.table, strict=True)], axis=1)
        return np.where(self.whole, np.round(result), result)


def _smeared(values: FloatArray, whole: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], rng: np.random.Generator) -> FloatArray:
    """`values` with whole numbers spread over the unit around them."""
    return np.where(whole, values + rng.uniform(-0.5, 0.5, values.shape), values)
