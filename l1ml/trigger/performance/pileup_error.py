"""Error of a weighted sum of crossings because their pileup is drawn again and again from a pool of few collisions.

One collision with a muon that the trigger sees is in hundreds of crossings, and they pass or fail together. What the crossings of
one collision have in common shows in pairs of them: of a pool of other collisions the sum would differ with the variance

    sum_j [ ( sum_{i with j} d_i )^2 - sum_{i with j} d_i^2 ]

where j runs over the collisions, i over the crossings that have j in their pileup, and d is what a crossing adds to the sum, less
the mean of it over all draws. The second term takes away what each crossing varies on its own, which is in the error of the
crossings already. It is the first-order term of a sum over draws from a finite population (W. Hoeffding, Ann. Math. Stat. 19
(1948) 293).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["PoolDraws", "pileup_errors"]

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


class PoolDraws(Protocol):
    """Which collisions of a pool are the pileup of crossings, as `pileup_errors` takes them."""

    @property
    def n_soft(self) -> int:
        """Collisions of the first kind."""

    @property
    def n_collisions(self) -> int:
        """Collisions of both kinds."""

    def __iter__(self) -> Iterator[tuple[Places, Places]]:
        """Crossing and collision of each draw, in any number of parts."""


def pileup_errors(pulls: Floats, draws: Iterable[tuple[Places, Places]], n_soft: int, n_collisions: int) -> Floats:
    """Errors (k,) of the sums over crossings of `pulls` (k, n).

    Parameters
    ----------
    pulls : ndarray of float64, shape (k, n)
        What each of n crossings adds to each of k sums.
    draws : iterable of pairs of ndarray of int64, shape (m,)
        Crossing, from 0 to n - 1, and collision, from 0 to `n_collisions` - 1, of each draw, in any number of parts. A collision
        that is drawn twice for a crossing counts as two crossings, which hardly happens in pools of thousands.
    n_soft, n_collisions : int
        Collisions of the first kind, which have the smaller numbers, and of both: the means are those of each kind.

    Examples
    --------
    Four crossings, of which those that have the collision 0 pass:

    >>> collision = np.array([0, 0, 1, 2])
    >>> pileup_errors(np.array([[1.0, 1.0, -1.0, -1.0]]), [(np.arange(4), collision)], 3, 3).round(3).tolist()
    [1.414]
    """
    used, total, square = np.zeros(n_collisions), np.zeros((len(pulls), n_collisions)), np.zeros((len(pulls), n_collisions))
    for crossing, collision in draws:
        used += np.bincount(collision, minlength=n_collisions)
        for row, pull in enumerate(pulls):
            total[row] += np.bincount(collision, pull[crossing], n_collisions)
            square[row] += np.bincount(collision, pull[crossing] ** 2, n_collisions)
    kinds = (slice(n_soft), slice(n_soft, n_collisions))
    variance = sum(_variance(used[kind], total[:, kind], square[:, kind]) for kind in kinds)
    # of crossings that have nothing in common it is as often negative as positive
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def _variance(used: Floats, total: Floats, square: Floats) -> Floats:
    """Of each sum (k,), from what the collisions of one kind (n,) add up to (k, n)."""
    mean = total.sum(axis=1, keepdims=True) / max(float(used.sum()), 1.0)
    centred = total - mean * used
    alone = square - 2 * mean * total + mean**2 * used
    return np.asarray((centred**2 - alone).sum(axis=1))
