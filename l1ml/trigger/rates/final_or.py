"""The final OR with its prescales: which algorithms enter it, how often each is kept, and which are alternatives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from l1ml.trigger.menus.algorithm import AlgorithmEntry
from l1ml.trigger.menus.prescale import Prescale

__all__ = ["FinalOr"]


@dataclass(frozen=True, eq=False, slots=True)
class FinalOr:
    """Prescales and masks of `k` algorithms as arrays.

    Parameters
    ----------
    kept : ndarray of float64, shape (k,)
        Probability that a firing is kept, ``1 / prescale``; 0 where the algorithm is off.
    enters : ndarray of bool, shape (k,)
        Whether the algorithm enters the final OR.
    vetoes : ndarray of bool, shape (k,)
        Whether it forbids the crossing.
    sets : tuple of ndarray of int
        For each set of alternatives the algorithms in it.

    Notes
    -----
    The state of a prescale counter in a sample means nothing. Each algorithm is taken to keep a firing with the probability
    `kept`, independently of the others: what the counters do on average over many crossings, see `PrescaleCounters`. Counters of
    algorithms that always fire together and have the same prescale go in step; those of a real menu do not for long.
    """

    kept: NDArray[np.float64]
    enters: NDArray[np.bool_]
    vetoes: NDArray[np.bool_]
    sets: tuple[NDArray[np.intp], ...]

    @classmethod
    def of(cls, entries: Sequence[AlgorithmEntry], prescales: Iterable[Prescale]) -> Self:
        """Final OR of the algorithms `entries` with other `prescales` than their own."""
        names = np.array([entry.alternatives for entry in entries])
        return cls(
            np.array([prescale.kept_fraction for prescale in prescales]),
            np.array([entry.in_final_or and not entry.is_veto for entry in entries], dtype=np.bool_),
            np.array([entry.is_veto for entry in entries], dtype=np.bool_),
            tuple(np.flatnonzero(names == name) for name in sorted(set(names.tolist()) - {""})),
        )

    @property
    def is_used(self) -> bool:
        """Whether any algorithm enters that is not off."""
        return bool((self.enters & (self.kept > 0)).any())

    def only(self, chosen: NDArray[np.bool_]) -> FinalOr:
        """The same without the algorithms that are not `chosen` (k,); vetoes stay."""
        return replace(self, enters=self.enters & chosen)
