"""Simulated events as AUSSIE asks them: what weight they lack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from offline.unfolding.ratio import LogRatio
from offline.unfolding.ratio.scaling import Scaling
from offline.unfolding.sample import BoolArray, FloatArray, IdentityArray, Simulation

__all__ = ["Rows"]


@dataclass(frozen=True, eq=False)
class Rows:
    """Simulated events that are reconstructed, with the residual r = a - b w of the condition E[w | x] = R(x).

    Parameters
    ----------
    reco, gen : ndarray of float64, shape (n, d_reco) and (n, d_gen)
        Scaled quantities; those of fakes at generation are zero.
    true : ndarray of bool, shape (n,)
        Events that pass at generation. The others, fakes, have the weight one: they count in R only.
    weight : ndarray of float64, shape (n,)
        Weights of the simulation, of total one.
    constant, slope : ndarray of float64, shape (n,)
        a and b.
    event : ndarray of uint64, shape (n,)
        Identities.
    """

    reco: FloatArray
    gen: FloatArray
    true: BoolArray
    weight: FloatArray
    constant: FloatArray
    slope: FloatArray
    event: IdentityArray

    @classmethod
    def of(cls, mc: Simulation, ratio: LogRatio, scaling: Scaling, residual: str) -> Self:
        """Events of `mc`, the learned `ratio` of data to simulation, the scale at generation, and a kind of residual."""
        seen = mc.select(mc.pass_reco)
        log_ratio = ratio(seen.reco) - ratio.log_total
        log_slope = {
            "mlc": -log_ratio,
            "mse": np.zeros_like(log_ratio),
            "bce": -log_ratio - np.logaddexp(0.0, log_ratio),
        }[residual]
        gen = np.where(seen.pass_gen[:, None], scaling(np.where(seen.pass_gen[:, None], seen.gen, scaling.mean)), 0.0)
        return cls(
            ratio.scaling(seen.reco),
            gen,
            seen.pass_gen,
            seen.weight / seen.weight.sum(),
            np.exp(log_slope + log_ratio),
            np.exp(log_slope),
            seen.event,
        )

    @property
    def n(self) -> int:
        """Number of events."""
        return len(self.event)

    def select(self, rows: NDArray[Any]) -> Self:
        """The events that a mask picks, of total weight one again."""
        names = ("reco", "gen", "true", "weight", "constant", "slope", "event")
        picked = replace(self, **{name: getattr(self, name)[rows] for name in names})
        return replace(picked, weight=picked.weight / picked.weight.sum())
