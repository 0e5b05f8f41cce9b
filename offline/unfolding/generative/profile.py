"""How one quantity scatters around a prediction of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from offline.unfolding.normal_scores import follow, score_curve, score_levels, score_reach
from offline.unfolding.sample import FloatArray

__all__ = ["Profile"]

_ZONES = 24
_KNOWN = 1e-6
"""A scatter below, in units of the quantity, is rounding errors of what follows exactly."""


@dataclass(frozen=True, eq=False)
class Profile:
    """z = centre + middle(centre) + spread(centre) * curve(residual): residuals of all pairs together are standard normal.

    Parameters
    ----------
    nodes, middle, log_spread : ndarray of float64, shape (zones,)
        Median deviation from the centre, and logarithm of half the central 68 % of deviations, around these centres.
    curve : ndarray of float64, shape (points,)
        Scaled deviation at equidistant residuals in [-reach, reach].
    reach : float
        End of the curve, which goes on straight. Residuals beyond grow with its logarithm: those of objects that were mixed up
        would else be all that a squared error sees.
    """

    nodes: FloatArray
    middle: FloatArray
    log_spread: FloatArray
    curve: FloatArray
    reach: float

    @classmethod
    def of(cls, centre: FloatArray, z: FloatArray) -> Self:
        """Of pairs, shape (n,) each."""
        deviation, reach = z - centre, score_reach(len(centre))
        # as fine in the tails as in the bulk: edges of a spectrum are where the spread changes
        edges = np.quantile(centre, score_levels(reach, _ZONES + 1)[1:-1])
        zone = np.searchsorted(edges, centre)
        zones = [rows for rows in (zone == index for index in range(_ZONES)) if rows.any()]
        nodes = np.array([centre[rows].mean() for rows in zones])
        middle = np.array([np.median(deviation[rows]) for rows in zones])
        around = deviation - np.interp(centre, nodes, middle)
        spread = np.array([0.5 * np.ptp(np.quantile(around[rows], [0.16, 0.84])) for rows in zones])
        spread = np.maximum(spread, max(_KNOWN, 0.01 * float(np.median(spread))))
        straight = cls(nodes, middle, np.log(spread), np.linspace(-reach, reach, 2), reach)
        if deviation.std() <= _KNOWN:
            return straight
        curve = score_curve(straight.scaled(centre, z), np.ones(len(z)), reach)
        return cls(nodes, middle, straight.log_spread, curve, reach)

    def scaled(self, centre: FloatArray, z: FloatArray) -> FloatArray:
        """Deviation of `z` in spreads, shape (n,)."""
        middle, spread = self._near(centre)
        return (z - centre - middle) / spread

    def residual(self, centre: FloatArray, z: FloatArray) -> FloatArray:
        """Residual of `z`, shape (n,)."""
        straight = follow(self.scaled(centre, z), self.curve, self._grid)
        beyond = np.maximum(np.abs(straight) - self.reach, 0.0)
        return np.asarray(np.copysign(np.abs(straight) - beyond + np.log1p(beyond), straight))

    def restored(self, centre: FloatArray, residual: FloatArray) -> FloatArray:
        """The inverse of `residual`."""
        middle, spread = self._near(centre)
        beyond = np.maximum(np.abs(residual) - self.reach, 0.0)
        straight = np.copysign(np.abs(residual) - beyond + np.expm1(beyond), residual)
        return centre + middle + spread * follow(straight, self._grid, self.curve)

    def _near(self, centre: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Middle and spread."""
        return np.interp(centre, self.nodes, self.middle), np.exp(np.interp(centre, self.nodes, self.log_spread))

    @property
    def _grid(self) -> FloatArray:
        return np.linspace(-self.reach, self.reach, len(self.curve))
