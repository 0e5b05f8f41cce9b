"""Decisions: one bit for each algorithm and crossing, at the three points where the Global Trigger reads them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, nearest

__all__ = ["Decisions", "apply_prescale"]


@dataclass(frozen=True, eq=False, slots=True)
class Decisions:
    """Bits of every algorithm in every crossing.

    Parameters
    ----------
    names : tuple of str
        The algorithms, in the order of the columns.
    before_bx_mask_and_prescale : ndarray of bool, shape (n, n_algorithms)
        What the conditions say.
    before_prescale : ndarray of bool, shape (n, n_algorithms)
        After the bunch-crossing masks.  Rates and efficiencies are read here.
    final : ndarray of bool, shape (n, n_algorithms)
        After the prescale counters: what enters the final OR.

    Notes
    -----
    The three points and their names are those of CMSSW's ``P2GTAlgoBlock``.
    """

    names: tuple[str, ...]
    before_bx_mask_and_prescale: NDArray[np.bool_]
    before_prescale: NDArray[np.bool_]
    final: NDArray[np.bool_]

    @property
    def n(self) -> int:
        """Number of crossings."""
        return int(self.final.shape[0])

    @property
    def final_or(self) -> NDArray[np.bool_]:
        """Whether any algorithm keeps the crossing, shape (n,)."""
        return np.asarray(self.final.any(axis=1))

    def __getitem__(self, name: str) -> NDArray[np.bool_]:
        """Bits of algorithm `name` before the prescale, shape (n,)."""
        return self.before_prescale[:, self.column(name)]

    def column(self, name: str) -> int:
        """Column of algorithm `name`.

        Raises
        ------
        ConfigError
            If the menu has no such algorithm.
        """
        if name not in self.names:
            msg = f"the menu has no algorithm {name!r}; {nearest(name, self.names)}"
            raise ConfigError(msg)
        return self.names.index(name)


def apply_prescale(fired: NDArray[np.bool_], prescale: int) -> NDArray[np.bool_]:
    """Bits that survive a prescale counter.

    Parameters
    ----------
    fired : ndarray of bool, shape (n,)
        Bits in the order of the crossings.
    prescale : int
        The counter starts at zero, counts firings and lets the `prescale`-th, 2 `prescale`-th, ... pass; 0 lets none.

    Examples
    --------
    >>> apply_prescale(np.array([True, False, True, True, True]), 2)
    array([False, False,  True, False,  True])
    """
    if prescale == 0:
        return np.zeros_like(fired)
    return np.asarray(fired & (np.cumsum(fired) % prescale == 0))
