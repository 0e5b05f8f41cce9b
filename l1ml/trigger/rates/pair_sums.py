"""Sums over the firings of pairs of algorithms, before any prescale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.rates.draws import Draws

__all__ = ["PairSums"]

Matrix = NDArray[np.float64]


class PairSums:
    """Sums over batches of the firings of each pair of `k` algorithms; memory does not grow with the crossings.

    Parameters
    ----------
    k : int
        Number of algorithms.
    """

    def __init__(self, k: int) -> None:
        self._plain = np.zeros((k, k))  # of crossings that are draws of weight one all sums are the same
        self._counts, self._weights, self._products = (np.zeros((k, k)) for _ in range(3))

    @property
    def counts(self) -> NDArray[np.int64]:
        """Crossings in which both of a pair fire, shape (k, k)."""
        return (self._plain + self._counts).astype(np.int64)

    @property
    def weights(self) -> Matrix:
        """Weight of these crossings, shape (k, k)."""
        return self._plain + self._weights

    @property
    def products(self) -> Matrix:
        """Sum over draws g of ``X_ga X_gb`` with the firing weight ``X_ga`` of algorithm a in draw g, shape (k, k)."""
        return self._plain + self._products

    def add(self, fired: NDArray[np.bool_], draws: Draws) -> None:
        """Add the bits `fired` (k, n) of the crossings of `draws`; n is 2^24 at most."""
        active = np.flatnonzero(fired.any(axis=1))
        bits, where = fired[active], np.ix_(active, active)
        values = bits.astype(np.float32)  # holds every count up to 2^24
        both = values @ values.T
        if draws.are_plain:
            self._plain[where] += both
            return
        per_draw = draws.per_draw(bits)
        self._counts[where] += both
        self._weights[where] += (bits * draws.weight) @ bits.T
        self._products[where] += per_draw @ per_draw.T
