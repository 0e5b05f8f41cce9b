"""Overlap of algorithms: how much of one is seen by another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import ConfigError, nearest
from l1ml.trigger.rates.pair_sums import PairSums

__all__ = ["Overlap"]


@dataclass(frozen=True, eq=False, slots=True)
class Overlap:
    """Fraction of the crossings of each algorithm in which each other one fires too, before prescales.

    Parameters
    ----------
    names : tuple of str
        The algorithms.
    fraction : ndarray of float64, shape (k, k)
        ``fraction[a, b]``: weight of the crossings in which a and b fire over that in which a fires; 1 on the diagonal, NaN
        in the row of an algorithm that never fires.
    counts : ndarray of int64, shape (k, k)
        Raw crossings in which both fire: what stands behind the fraction.
    """

    names: tuple[str, ...]
    fraction: NDArray[np.float64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, names: tuple[str, ...], pairs: PairSums) -> Self:
        """Overlap of the algorithms `names` from sums over `pairs` of them."""
        alone = np.diag(pairs.weights)[:, None]
        with np.errstate(invalid="ignore"):
            fraction = np.where(alone > 0, pairs.weights / alone, np.nan)
        return cls(names, fraction, pairs.counts)

    def of_pair(self, name: str, other: str) -> tuple[float, int]:
        """Fraction of the crossings of `name` in which `other` fires too, and how many they are.

        Raises
        ------
        ConfigError
            If there is no such algorithm.
        """
        a, b = self._index(name), self._index(other)
        return float(self.fraction[a, b]), int(self.counts[a, b])

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; a fraction of nothing is None."""
        rows = [[None if np.isnan(value) else value for value in row] for row in self.fraction.tolist()]
        return {"names": list(self.names), "fraction": rows, "counts": self.counts.tolist()}

    def _index(self, name: str) -> int:
        if name not in self.names:
            msg = f"no overlap of {name!r}; {nearest(name, self.names)}"
            raise ConfigError(msg)
        return self.names.index(name)
