"""The method: settings, iterations, result."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Part, Progress
from offline.unfolding.method import NO_CHECKPOINT, Checkpoint, check_inputs
from offline.unfolding.objects import Objects, picked
from offline.unfolding.omnifold.acceleration import extrapolated
from offline.unfolding.omnifold.background import positive_weights
from offline.unfolding.ratio import Contrast, LogRatio, RatioSettings, fit_log_ratio
from offline.unfolding.sample import BoolArray, FloatArray, Measured, Simulation
from offline.unfolding.unfolded import Unfolded

__all__ = ["OmniFold"]

_MISSES = ("keep", "expectation", "efficiency")

_STEPS = ("background", "reco", "gen", "missed")
_BACKGROUND, _RECO, _GEN, _MISSED = range(4)
"""Places of the steps in `_STEPS`; keys of their random numbers."""

_TOLD = ("background", "step 1", "step 2", "step 1, misses")
"""The steps as progress calls them."""


@dataclass(frozen=True, slots=True)
class OmniFold:
    """Iterative reweighting of the simulation (arXiv:1911.09107, eq. 1-3); in the limit of many events, expectation maximisation.

    An iteration reweights reconstructed events to the data, *pulls* these weights to the generated ones, and learns from them a
    weight of the generated quantities alone, always against the original simulation, that is *pushed* back. With one quantity
    it is UniFold, with several MultiFold, and where events have sets of `Objects` OmniFold as its paper means it: the weights are
    functions of all objects, too. Fakes enter the first step with the weight they have.

    Parameters
    ----------
    iterations : int
        How many; each removes a share of the prior and adds statistical noise.
    misses : str
        What generated events that are not reconstructed pull: ``keep``, what was pushed to them before (slow: they keep the
        prior); ``expectation``, the expected pull of reconstructed events with the same quantities, by another network;
        ``efficiency``, nothing: the second step learns from reconstructed events only, and as the efficiency depends on generated
        quantities alone, its weights hold for misses too (fastest).
    warm_start : bool
        Whether the networks of an iteration start from those of the one before.
    accelerated : bool
        Whether every third iteration starts from an extrapolation of the two before (`extrapolated`): with poor resolution, tens
        of iterations do what takes hundreds.
    positive : bool
        Whether negative weights of the data are turned into positive ones first, by `positive_weights`.
    ratio : RatioSettings
        How the weights are learned.

    Raises
    ------
    ConfigError
        If `iterations` is not positive or `misses` unknown.
    """

    iterations: int = 5
    misses: str = "efficiency"
    warm_start: bool = True
    accelerated: bool = False
    positive: bool = False
    ratio: RatioSettings = field(default_factory=RatioSettings)

    def __post_init__(self) -> None:
        if self.iterations < 1 or self.misses not in _MISSES:
            msg = f"iterations must be positive and misses one of {list(_MISSES)}, received {self.iterations} and {self.misses!r}"
            raise ConfigError(msg)

    @property
    def name(self) -> str:
        """As in configuration files."""
        return "omnifold"

    def fit(
        self,
        mc: Simulation,
        data: Measured,
        *,
        seed: int = 1,
        progress: Progress = SILENT,
        checkpoint: Checkpoint = NO_CHECKPOINT,
    ) -> Unfolded:
        """Unfold; see `UnfoldingMethod.fit`."""
        check_inputs(mc, data, sets=True)
        if self.positive:
            part = Part(progress, _TOLD[_BACKGROUND])
            data = positive_weights(data, self.ratio, seed=_key(seed, 0, _BACKGROUND), progress=part)
        run = _Run(self, mc, data, seed, progress=progress, checkpoint=checkpoint)
        weights, records = [], []
        for iteration in range(self.iterations):
            records.append(run.iterate(iteration))
            weights.append((run.push * run.weight)[mc.pass_gen])
        return Unfolded(
            method=self.name,
            names=mc.gen_names,
            gen=mc.gen[mc.pass_gen],
            weight=weights[-1],
            event=mc.event[mc.pass_gen],
            iterations=np.stack(weights),
            record={"settings": asdict(self), "seed": seed, "iterations": records},
        )


def _key(seed: int, iteration: int, step: int) -> np.random.SeedSequence:
    """Random numbers of one step, whatever ran before it."""
    return np.random.SeedSequence(seed, spawn_key=(iteration, step))


class _Run:
    """State between the steps: the weights that were pushed, and the last ratio of each kind."""

    def __init__(
        self, method: OmniFold, mc: Simulation, data: Measured, seed: int, *, progress: Progress, checkpoint: Checkpoint
    ) -> None:
        self._method, self._mc, self._data = method, mc, data
        self._seed, self._progress, self._checkpoint = seed, progress, checkpoint
        self._last: dict[str, LogRatio] = {}
        self.weight: FloatArray = mc.weight * (data.weight.sum() / mc.weight[mc.pass_reco].sum())
        self.push: FloatArray = np.ones(mc.n)
        self._trail: list[FloatArray] = [np.zeros(mc.n)]

    def iterate(self, iteration: int) -> dict[str, Any]:
        """Both steps, and their record."""
        record: dict[str, Any] = {}
        if self._method.accelerated and len(self._trail) == 3:
            self.push, record["step_length"] = self._leap()
        pull = self._pull(iteration, record)
        learn = self._mc.pass_both if self._method.misses == "efficiency" else self._mc.pass_gen
        self.push = self._at_gen((iteration, _GEN), pull, learn, self._mc.pass_gen, record=record)
        self._trail.append(np.log(self.push))
        final = (self.push * self.weight)[self._mc.pass_gen]
        record["total"] = float(final.sum())
        record["effective"] = float(final.sum() ** 2 / np.square(final).sum())
        return record

    def _leap(self) -> tuple[FloatArray, float]:
        """Weights that the last three are heading for, and how far; they start a new trail."""
        (first, second, third), limit = self._trail, self._method.ratio.limit
        log_push, length = extrapolated((first, second, third), self.weight * self._mc.pass_gen, limit)
        self._trail.clear()
        return np.exp(log_push), length

    def _pull(self, iteration: int, record: dict[str, Any]) -> FloatArray:
        """First step: weights that make the reconstructed simulation look like the data, shape (n,)."""
        mc, data, seen = self._mc, self._data, self._mc.pass_reco
        contrast = Contrast.between(
            (data.reco, data.weight, data.event),
            (mc.reco[seen], (self.push * self.weight)[seen], mc.event[seen]),
            (data.objects, picked(mc.reco_objects, seen)),
        )
        pull = self.push * self._learned((iteration, _RECO), contrast, (mc.reco, mc.reco_objects), seen, record=record)
        missed = mc.pass_gen & ~seen
        if self._method.misses == "expectation" and missed.any():
            return np.where(missed, self._at_gen((iteration, _MISSED), pull, mc.pass_both, missed, record=record), pull)
        return pull

    def _at_gen(
        self, key: tuple[int, int], pull: FloatArray, learn: BoolArray, rows: BoolArray, *, record: dict[str, Any]
    ) -> FloatArray:
        """Expected pull at the generated quantities of `rows`, from the events `learn`; one elsewhere; shape (n,)."""
        mc, weight = self._mc, self.weight
        objects = picked(mc.gen_objects, learn)
        contrast = Contrast(mc.gen[learn], (pull * weight)[learn], weight[learn], mc.event[learn], objects)
        return self._learned(key, contrast, (mc.gen, mc.gen_objects), rows, record=record)

    def _learned(
        self,
        key: tuple[int, int],
        contrast: Contrast,
        level: tuple[FloatArray, Objects | None],
        rows: BoolArray,
        *,
        record: dict[str, Any],
    ) -> FloatArray:
        """Ratio of `contrast` at the `rows` of a level, one elsewhere, shape (n,); from the checkpoint if it is there."""
        iteration, step = key
        name = _STEPS[step]
        start = self._last.get(name) if self._method.warm_start else None
        kept = self._checkpoint.read(f"{iteration}_{name}")
        if kept is None:
            seed = _key(self._seed, iteration, step)
            part = Part(self._progress, f"iteration {iteration + 1} of {self._method.iterations}, {_TOLD[step]}")
            ratio = fit_log_ratio(contrast, self._method.ratio, seed=seed, start=start, progress=part)
            self._checkpoint.write(f"{iteration}_{name}", ratio.arrays())
        else:
            ratio = LogRatio.from_arrays(kept)
        self._last[name] = ratio
        values, objects = level
        log_ratio, saturated = ratio.evaluate(values[rows], picked(objects, rows))
        factor = np.ones(len(rows))
        factor[rows] = np.exp(log_ratio)
        record[name] = {**ratio.record, "saturated": int(saturated.sum()), "zero": int((factor[rows] == 0).sum())}
        return factor
