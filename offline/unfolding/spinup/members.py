"""The members of the ensemble: what each is started at, which data it sees, and how much of them is signal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from offline.unfolding.replicas.bootstrap import poisson_counts
from offline.unfolding.sample import FloatArray, Measured

__all__ = ["Members"]


@dataclass(frozen=True, eq=False)
class Members:
    """The nominal density first, then those of other starts, then those of bootstrapped data.

    Parameters
    ----------
    spread : ndarray, shape (m,)
        Scatter of the start around the simulation.
    weight : ndarray of float32, shape (n, m)
        Weights of the measured events that are not subtracted, in units of their mean.
    signal : ndarray, shape (m,)
        Estimated yield of reconstructed true events.
    share : ndarray, shape (m,)
        Share of fakes and background in the events that are not subtracted.
    """

    spread: FloatArray
    weight: FloatArray
    signal: FloatArray
    share: FloatArray

    @classmethod
    def of(cls, data: Measured, fake_share: float, *, starts: int, bootstraps: int, spread: float, seed: int) -> Members:
        """Members for `data`, of which the share `fake_share`, background subtracted, has no true event.

        A bootstrap counts each event, subtracted ones included, as often as its Poisson number says (`poisson_counts`).
        """
        counts = [poisson_counts(data.event, kind="data", index=index, seed=seed) for index in range(bootstraps)]
        weight = data.weight[:, None] * np.stack([np.ones(data.n, np.int64)] * (1 + starts) + counts, axis=1)
        kept = data.weight > 0
        positive = weight[kept].sum(axis=0)
        # what a replica of little data could make negative is at least one event in a thousand
        signal = np.maximum(weight.sum(axis=0), 1e-3 * positive) * (1 - fake_share)
        return cls(
            spread=np.repeat([0.0, spread, 0.0], [1, starts, bootstraps]),
            weight=(weight[kept] / data.weight[kept].mean()).astype(np.float32),
            signal=signal,
            share=1 - signal / positive,
        )

    @property
    def n(self) -> int:
        """Number of members."""
        return len(self.spread)
