"""Sums over the firings of pairs of algorithms, before any prescale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.rates.draws import Draws
from l1ml.trigger.rates.exact_sums import ExactSums

__all__ = ["PairSums"]

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class PairSums:
    """Sums over the firings of each pair of `k` algorithms, that batches can add to in any order.

    Parameters
    ----------
    plain : ndarray of int64, shape (k, k)
        Crossings in which both of a pair fire, of those that are draws of weight one: all their sums are the same.
    copied : ndarray of int64, shape (k, k)
        The other crossings in which both fire.
    weight, product : ExactSums, shape (k, k)
        Weight of these other crossings, and the sum over their draws g of ``X_ga X_gb`` with the firing weight ``X_ga`` of
        algorithm a in draw g.
    """

    plain: NDArray[np.int64]
    copied: NDArray[np.int64]
    weight: ExactSums
    product: ExactSums

    @classmethod
    def zeros(cls, k: int) -> Self:
        """Sums over nothing."""
        none, no = ExactSums.zeros(k, k), np.zeros((k, k), dtype=np.int64)
        return cls(no, no, none, none)

    @classmethod
    def of(cls, fired: NDArray[np.bool_], draws: Draws, *, products: bool = True) -> Self:
        """Sums of the bits `fired` (k, n) of the crossings of `draws`; n is 2^24 at most.

        Without `products` those of crossings that are not draws of weight one are left out: they take the longest.
        """
        active, sums = np.flatnonzero(fired.any(axis=1)), cls.zeros(len(fired))
        bits = fired[active]
        values = bits.astype(np.float32)  # holds every count up to 2^24
        both = np.zeros_like(sums.plain)
        both[active[:, None], active] = values @ values.T
        if draws.are_plain:
            return cls(both, sums.copied, sums.weight, sums.product)
        weight = ExactSums.of_products(bits * draws.weight, bits.astype(np.float64))
        per_draw = draws.per_draw(bits) if products else np.zeros((active.size, 0))
        product = ExactSums.of_products(per_draw, per_draw)
        return cls(sums.plain, both, weight.placed(active, len(fired)), product.placed(active, len(fired)))

    def __add__(self, other: PairSums) -> PairSums:
        """Sums over both; no draw may be in both."""
        return PairSums(
            self.plain + other.plain,
            self.copied + other.copied,
            self.weight + other.weight,
            self.product + other.product,
        )

    @property
    def counts(self) -> NDArray[np.int64]:
        """Crossings in which both of a pair fire, shape (k, k)."""
        return self.plain + self.copied

    @property
    def weights(self) -> Matrix:
        """Weight of these crossings, shape (k, k)."""
        return np.asarray(self.plain + self.weight.floats)

    @property
    def products(self) -> Matrix:
        """Sum over all draws of ``X_ga X_gb``, shape (k, k)."""
        return np.asarray(self.plain + self.product.floats)
