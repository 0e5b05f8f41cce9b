"""Integer words from real quantities, where the reals stand on the grid of the hardware and nowhere else.

CMSSW turns the words of Layer 2 and of the muon trigger into physical values with rounded steps, 0.0435 for both coordinates of
the calorimeter objects and 0.010875 and 0.010908 for those of muons, and puts phi between -pi and pi; NanoAOD then keeps fewer
bits of the mantissa. Every word can still be told apart, and a value that comes from anything else shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Grid", "angle_grid", "energy_grid"]

_MANTISSA = 2.0**-11
"""Half of the last of ten bits, the coarsest that NanoAOD keeps of an angle."""
_LARGE = 1e6
_SMALL = 1e-5
"""CMSSW adds 1e-6 to energies; float32 angles near pi are good to 1e-7."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Values ``step * (word - offset)`` to a relative `precision`; angles are modulo 2 pi where `n_turn` words make a turn."""

    step: float
    offset: int = 0
    n_turn: int = 0
    precision: float = 0.0

    def words(self, values: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Words of `values`, and whether each value stands on the grid: only then it has a word.

        Examples
        --------
        >>> words, on_grid = Grid(0.5, offset=1).words(np.array([3.0, 3.2]))
        >>> words[0], on_grid
        (np.int64(7), array([ True, False]))
        """
        given = np.asarray(values, dtype=np.float64)
        sane = np.abs(given) < _LARGE
        exact = np.where(sane, given, 0.0)
        turned = np.where(exact < 0, exact + 2 * pi, exact) if self.n_turn else exact
        counts = np.rint(turned / self.step)
        near = sane & (np.abs(turned - counts * self.step) <= np.abs(exact) * self.precision + _SMALL)
        if self.n_turn:
            near &= counts < self.n_turn
        return np.where(near, counts, 0.0).astype(np.int64) + self.offset, np.asarray(near)


def energy_grid(offset: int = 0) -> Grid:
    """Energies in steps of 0.5 GeV, which floats hold exactly."""
    return Grid(0.5, offset)


def angle_grid(step: float, n_turn: int = 0) -> Grid:
    """Coordinates in steps of `step`; `n_turn` of them make a turn of phi."""
    return Grid(step, n_turn=n_turn, precision=_MANTISSA)
