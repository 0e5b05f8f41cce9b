"""Prescale counters as the Global Trigger counts them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import DataError
from l1ml.trigger.menus.prescale import Prescale

__all__ = ["PrescaleCounters"]

_INCREMENT = 100
"""What one firing adds: prescales are counted in hundredths."""


class PrescaleCounters:
    """One counter for each algorithm; they go on counting from one batch of crossings to the next.

    Parameters
    ----------
    prescales : sequence of Prescale
        Of each algorithm.

    Notes
    -----
    A firing adds 100 to its counter; where the sum reaches the prescale (in hundredths) the firing is kept and the prescale is
    subtracted (``algo_pre_scaler_fractional_float.vhd`` of mp7_ugt_legacy, since 2019).  A prescale of 2.5 so keeps the third,
    fifth, eighth, tenth, ... firing.  Counters start at zero, as at the start of a run.

    Examples
    --------
    >>> counters = PrescaleCounters([Prescale(250)])
    >>> counters.apply(np.ones((6, 1), dtype=np.bool_)).T.astype(int), counters.state
    (array([[0, 0, 1, 0, 1, 0]]), array([100]))
    """

    def __init__(self, prescales: Sequence[Prescale]) -> None:
        self._factors = np.array([item.hundredths for item in prescales], dtype=np.int64)
        self._counts = np.zeros(len(self._factors), dtype=np.int64)

    @property
    def state(self) -> NDArray[np.int64]:
        """What each counter holds, shape (k,)."""
        return self._counts.copy()

    def start(self, count: int = 0) -> None:
        """Set every counter to `count`."""
        self._counts[:] = count

    def apply(self, fired: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Firings that are kept, shape (n, k), of bits `fired` (n, k) in the order of the crossings.

        Raises
        ------
        DataError
            If there is not one column for each counter.
        """
        if fired.ndim != 2 or fired.shape[1] != len(self._factors):
            msg = f"{len(self._factors)} counters need bits of shape (n, {len(self._factors)}), received {fired.shape}"
            raise DataError(msg)
        kept = fired & (self._factors != 0)
        for column in np.flatnonzero(self._factors > _INCREMENT):
            rows = np.flatnonzero(fired[:, column])
            sums = self._counts[column] + _INCREMENT * np.arange(len(rows) + 1)
            kept[rows, column] = np.diff(sums // self._factors[column]) > 0
            self._counts[column] = sums[-1] % self._factors[column]
        return np.asarray(kept)
