"""A method of a few lines for tests, in a module that a spawned process can import."""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from l1ml.progress import SILENT
from offline.unfolding import Measured, Simulation, Unfolded
from offline.unfolding.method import NO_CHECKPOINT, SIMULATION, check_inputs

__all__ = ["BinnedRatio"]


@dataclass(frozen=True, slots=True)
class BinnedRatio:
    """Each true event gets the mean ratio of data to simulation at reconstruction in its bin; the first iteration of IBU.

    `noise` is the spread of a random factor, `samples` draws events instead of weighting them, `kill` is a file: the first fit
    in another process that finds none makes it and dies. `learns` doubles the weights of a fit that has to learn what depends on
    the simulation alone, as nobody knows it.
    """

    bins: int = 10
    noise: float = 0.0
    samples: bool = False
    kill: str = ""
    learns: bool = False

    @property
    def name(self) -> str:
        return "binned ratio"

    def fit(self, mc: Simulation, data: Measured, *, seed=1, progress=SILENT, checkpoint=NO_CHECKPOINT) -> Unfolded:
        check_inputs(mc, data)
        if self.kill and multiprocessing.parent_process() and not Path(self.kill).exists():
            Path(self.kill).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        rng = np.random.default_rng(seed)
        edges = np.linspace(-8, 8, self.bins + 1)[1:-1]
        place = np.searchsorted(edges, mc.reco[:, 0])
        fakes = np.bincount(place[mc.pass_reco], (mc.weight * ~mc.pass_gen)[mc.pass_reco], self.bins)
        seen = np.bincount(place[mc.pass_both], mc.weight[mc.pass_both], self.bins)
        measured = np.bincount(np.searchsorted(edges, data.reco[:, 0]), data.weight, self.bins)
        ratio = measured * seen / np.maximum(seen + fakes, 1e-9) / np.maximum(seen, 1e-9)
        true = np.searchsorted(edges, mc.gen[:, 0])
        pull = np.bincount(true[mc.pass_both], (mc.weight * ratio[place])[mc.pass_both], self.bins)
        push = pull / np.maximum(np.bincount(true[mc.pass_both], mc.weight[mc.pass_both], self.bins), 1e-9)
        gen, weight, event = mc.gen[mc.pass_gen], (mc.weight * push[true])[mc.pass_gen], mc.event[mc.pass_gen]
        weight = weight * (1 + self.noise * rng.normal())
        if self.learns and checkpoint.read(f"{SIMULATION}step") is None:
            checkpoint.write(f"{SIMULATION}step", {"gen": edges})
            weight = 2 * weight
        if self.samples:
            rows = rng.choice(weight.size, data.n, p=weight / weight.sum())
            gen, weight, event = gen[rows], np.full(data.n, weight.sum() / data.n), data.event
        return Unfolded(self.name, mc.gen_names, gen, weight, event, weight[None], record={"seed": seed})
