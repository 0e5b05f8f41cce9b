"""One replica, reproducible alone: it depends on the inputs, the method, the root seed, its kind and its index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.progress import SILENT, Progress
from offline.unfolding.method import NO_CHECKPOINT, Checkpoint, UnfoldingMethod
from offline.unfolding.replicas.bootstrap import bootstrapped, seed_of
from offline.unfolding.sample import BoolArray, FloatArray, Measured, Simulation
from offline.unfolding.unfolded import Replica, Unfolded

__all__ = ["ReplicaFit", "Steps"]

Steps = Mapping[str, Mapping[str, NDArray[Any]]]
"""Arrays of the steps of a fit, by their names."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A checkpoint that has some steps, and keeps no other."""

    steps: Steps = field(repr=False)

    def read(self, step: str) -> Mapping[str, NDArray[Any]] | None:
        return self.steps.get(step)

    def write(self, step: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        pass


@dataclass(frozen=True, slots=True)
class ReplicaFit:
    """A fit with one thing varied.

    Parameters
    ----------
    kind, index : str, int
        As in `Replica`.
    seed : int
        Root seed of the unfolding. Bootstraps and systematics start from it as the nominal fit does, so that the spread over
        starts is in the ensemble alone and no part of the covariance is counted twice.
    """

    kind: str
    index: int
    seed: int

    @property
    def step(self) -> str:
        """Name of its step in a checkpoint."""
        return f"replica {self.kind} {self.index}"

    def run(
        self,
        method: UnfoldingMethod,
        mc: Simulation,
        data: Measured,
        variation: Simulation | None = None,
        *,
        progress: Progress = SILENT,
        known: Steps | None = None,
    ) -> Replica:
        """Fit; events that a bootstrap counts zero times are not trained on.

        Parameters
        ----------
        method, mc, data
            As in `UnfoldingMethod.fit`.
        variation : Simulation, optional
            That of a systematic.
        progress : Progress
            Listener.
        known : mapping, optional
            Steps of the nominal fit that depend on the simulation alone: a bootstrap of the data would get the same.
        """
        checkpoint: Checkpoint = _Known(known) if known and self.kind == "data" else NO_CHECKPOINT
        used, seed = variation or mc, self.seed
        if self.kind == "data":
            drawn = bootstrapped(data, "data", self.index, self.seed)
            data = drawn.select(drawn.weight != 0)
        elif self.kind == "mc":
            used = bootstrapped(mc, "mc", self.index, self.seed)
        elif self.kind == "ensemble":
            seed = seed_of(self.seed, "ensemble", self.index) >> 32  # Keras takes seeds of 32 bits
        kept = (used.weight != 0) if self.kind == "mc" else np.ones(used.n, np.bool_)
        used_rows = used if kept.all() else used.select(kept)
        result = method.fit(used_rows, data, seed=seed, progress=progress, checkpoint=checkpoint)
        weight = _on_nominal_rows(result, mc, used, kept)
        return Replica(self.kind, self.index, result.weight, result.gen) if weight is None else self._of(weight)

    def _of(self, weight: FloatArray) -> Replica:
        return Replica(self.kind, self.index, weight)


def _on_nominal_rows(result: Unfolded, mc: Simulation, used: Simulation, kept: BoolArray) -> FloatArray | None:
    """Weights for the events of `mc` that pass at generation, zero for those left out; none if the result has other events."""
    same_events = used.n == mc.n and np.array_equal(used.event[used.pass_gen], mc.event[mc.pass_gen])
    if not same_events or not np.array_equal(used.gen[used.pass_gen], mc.gen[mc.pass_gen]):
        return None
    rows = kept[mc.pass_gen]
    own = mc.gen[mc.pass_gen][rows]
    if not np.array_equal(result.event, mc.event[mc.pass_gen][rows]) or not np.array_equal(result.gen, own):
        return None
    weight = np.zeros(rows.size)
    weight[rows] = result.weight
    return weight
