"""The members of an ensemble: what each is started at, which data it sees, and how much of them is signal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from offline.unfolding.replicas.bootstrap import poisson_counts
from offline.unfolding.sample import FloatArray, Measured

__all__ = ["Members"]


@dataclass(frozen=True, eq=False)
class Members:
    """Densities that are fitted together.

    Parameters
    ----------
    start : tuple of int
        For each member, the seed of what it starts from; the root and a place.
    spread : ndarray, shape (m,)
        Scatter of the start around the simulation.
    weight : ndarray of float32, shape (n, m)
        Weights of the measured events that are not subtracted, in units of their mean.
    signal : ndarray, shape (m,)
        Estimated yield of reconstructed true events.
    share : ndarray, shape (m,)
        Share of fakes and background in the events that are not subtracted.
    """

    start: tuple[tuple[int, ...], ...]
    spread: FloatArray
    weight: FloatArray
    signal: FloatArray
    share: FloatArray

    @classmethod
    def of(
        cls, data: Measured, fake_share: float, kind: str, indices: Sequence[int], *, spread: float = 0.0, seed: int
    ) -> Members:
        """Members of one kind for `data`, of which the share `fake_share`, background subtracted, has no true event.

        Parameters
        ----------
        data, fake_share
            As said.
        kind : str
            ``nominal``; ``ensemble``, which starts elsewhere; or ``data``, which counts each event, subtracted ones included, as
            often as its Poisson number says (`poisson_counts`) and starts as the nominal one does.
        indices : sequence of int
            Numbers of the members within their kind; with `seed` and kind they decide everything.
        spread : float
            Scatter of other starts.
        seed : int
            Root of every random number.
        """
        m, other = len(indices), kind == "ensemble"
        counts = np.ones((data.n, m), np.int64)
        if kind == "data":
            counts = np.stack([poisson_counts(data.event, kind="data", index=index, seed=seed) for index in indices], axis=1)
        weight = data.weight[:, None] * counts
        kept = data.weight > 0
        positive = weight[kept].sum(axis=0)
        # what a replica of little data could make negative is at least one event in a thousand
        signal = np.maximum(weight.sum(axis=0), 1e-3 * positive) * (1 - fake_share)
        return cls(
            start=tuple((seed, 2, index) if other else (seed, 1, 3) for index in indices),
            spread=np.full(m, spread if other else 0.0),
            weight=(weight[kept] / data.weight[kept].mean()).astype(np.float32),
            signal=signal,
            share=1 - signal / positive,
        )
