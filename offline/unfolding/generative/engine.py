"""What all generative methods do with p(gen | reco): learn it, draw for each measured event, correct fakes and misses, repeat."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.progress import Part, Progress
from offline.density.schedule import Training
from offline.density.training import Learner
from offline.unfolding.generative.efficiency import Efficiency, probability
from offline.unfolding.generative.event_noise import event_noise
from offline.unfolding.generative.problem import Problem
from offline.unfolding.generative.ranks import rank_histogram
from offline.unfolding.method import SIMULATION, Checkpoint
from offline.unfolding.ratio import Contrast, LogRatio, RatioSettings, fit_log_ratio
from offline.unfolding.sample import BoolArray, FloatArray

__all__ = ["Drawn", "Engine", "word"]

_DENSITY = f"{SIMULATION}density"

_RANKED_PAIRS, _RANKED_DRAWS = 2000, 31


@dataclass(frozen=True, eq=False)
class Drawn:
    """Result of one iteration.

    Parameters
    ----------
    gen : ndarray of float64, shape (m * samples, d_gen)
        Draws, those of a measured event together.
    weight : ndarray of float64, shape (m * samples,)
        Of each draw.
    prior : ndarray of float64, shape (n,)
        Weights of the simulation that turn its truth into these draws.
    record : mapping
        Losses, ranks, corrections.
    """

    gen: FloatArray
    weight: FloatArray
    prior: FloatArray
    record: Mapping[str, Any]


def word(seed: int, *place: int) -> int:
    """A seed for Keras, another one for every place."""
    return int(np.random.SeedSequence((seed, *place)).generate_state(1)[0] >> 1)


class Engine:
    """One unfolding in work.

    Parameters
    ----------
    problem : Problem
        What is unfolded.
    learner : Learner
        Density of gen given reco, not yet trained.
    samples : int
        Draws for each measured event.
    training, retraining : Training
        Schedules of the first iteration and of further ones.
    ratio : RatioSettings
        How efficiency, share of fakes and the next prior are learnt.
    seed : int
        Root of every random number.
    progress, checkpoint
        As in `UnfoldingMethod.fit`. What the first iteration learns depends on the simulation alone and is kept as such.
    """

    def __init__(
        self,
        problem: Problem,
        learner: Learner,
        *,
        samples: int,
        training: Training,
        retraining: Training,
        ratio: RatioSettings,
        seed: int,
        progress: Progress,
        checkpoint: Checkpoint,
    ) -> None:
        self._problem, self._learner, self._samples, self._seed = problem, learner, samples, seed
        self._schedules, self._settings = (training, retraining), ratio
        self._progress, self._checkpoint = progress, checkpoint
        self._detected: Efficiency | None = None

    def run(self, iterations: int) -> list[Drawn]:
        """All iterations.

        The first learns p(z | x) with the truth of the simulation as prior. Each further one (arXiv:2212.08674) takes the weights
        that turn the simulated truth into what was unfolded, and goes on training with them. With networks that learn perfectly
        that is expectation maximisation, as OmniFold is.
        """
        drawn: list[Drawn] = []
        for index in range(iterations):
            kept = self._checkpoint.read(f"generative-{index}")
            if kept is None:
                # without the scale of the data: the first iteration learns the same for any
                prior = drawn[-1].prior if drawn else self._problem.mc.weight
                part = Part(self._progress, f"iteration {index + 1} of {iterations}")
                drawn.append(self._iterate(index, prior, part, last=index == iterations - 1))
                self._checkpoint.write(f"generative-{index}", self._arrays(drawn[-1]))
            else:
                drawn.append(self._restore(kept))
        return drawn

    def _iterate(self, index: int, prior: FloatArray, progress: Progress, *, last: bool) -> Drawn:
        problem, both = self._problem, self._problem.mc.pass_both
        learnt, tested = both & ~problem.held_out, both & problem.held_out
        losses = self._learned(index, learnt, prior, progress)
        rng = np.random.default_rng((self._seed, 2, index))
        noise = event_noise(problem.data.event, self._samples, self._learner.n_noise, index)
        columns = problem.regression.restored(self._learner.draw_from(noise, problem.measured), problem.measured)
        true_share = self._true_share(index, prior, progress)
        detected = self._efficiency(progress)
        efficiency, bounded = detected(columns)
        weight = np.repeat(problem.data.weight * true_share / self._samples, self._samples) / efficiency
        gen = problem.gen_scaling.backward(columns)
        record = {
            "losses": losses,
            "held_out_loss": self._learner.evaluate(self._pairs(tested), prior[tested]),
            "ranks": self._ranks(np.flatnonzero(tested), prior, rng),
            "true_share": [float(true_share.min()), float(true_share.max())],
            **detected.record(efficiency, bounded, weight),
            "total": float(weight.sum()),
            "mean": np.average(gen, axis=0, weights=weight).tolist(),
            "sd": _deviations(gen, weight).tolist(),
        }
        if last:
            return Drawn(gen, weight, prior, record)
        prior, saturated = self._next_prior(index, columns, weight, progress)
        return Drawn(gen, weight, prior, {**record, "saturated": saturated})

    def _learned(self, index: int, rows: BoolArray, prior: FloatArray, progress: Progress) -> list[float]:
        """Train the density on the pairs `rows`; the losses."""
        settings = self._schedules[index > 0]
        if index == 0 and (kept := self._checkpoint.read(_DENSITY)) is not None:
            self._load(kept)
            return [float(loss) for loss in kept["losses"]]
        seed = word(self._seed, 1, index)
        task = "density of truth given measurement"
        losses = self._learner.train(self._pairs(rows), prior[rows], settings, seed, task=task, progress=progress)
        if index == 0:
            self._checkpoint.write(_DENSITY, {"losses": np.asarray(losses), **self._network()})
        return losses

    def _pairs(self, rows: BoolArray) -> list[FloatArray]:
        """What the density is trained on: residuals and conditions."""
        reco = self._problem.reco[rows]
        return [self._problem.regression.residual(self._problem.gen[rows], reco), reco]

    def _true_share(self, index: int, prior: FloatArray, progress: Progress) -> FloatArray:
        """Probability of each measured event not to be a fake, shape (m,)."""
        mc = self._problem.mc
        if not (mc.pass_reco & ~mc.pass_gen).any():
            return np.ones(self._problem.data.n)
        contrast = self._contrast(self._problem.reco, mc.pass_reco, mc.pass_gen, prior)
        part = Part(progress, "fakes")
        fakes = self._odds("fakes", contrast, (3, 0), part) if index == 0 else self._ratio(contrast, (3, index), part)
        return probability(fakes(self._problem.measured))

    def _efficiency(self, progress: Progress) -> Efficiency:
        """Whether a true event is reconstructed, which no prior changes."""
        if self._detected is None:
            mc, gen = self._problem.mc, self._problem.gen
            odds: Callable[[FloatArray], FloatArray] = _certain
            if (mc.pass_gen & ~mc.pass_reco).any():
                contrast = self._contrast(gen, mc.pass_gen, mc.pass_reco, mc.weight)
                odds = self._odds("efficiency", contrast, (4,), Part(progress, "efficiency"))
            self._detected = Efficiency.of(odds, gen[mc.pass_gen], mc.pass_reco[mc.pass_gen])
        return self._detected

    def _contrast(self, values: FloatArray, rows: BoolArray, label: BoolArray, weight: FloatArray) -> Contrast:
        """`label` among `rows`, against the others."""
        sides = (np.where(label, weight, 0.0)[rows], np.where(label, 0.0, weight)[rows])
        return Contrast(values[rows], *sides, self._problem.mc.event[rows])

    def _odds(self, name: str, contrast: Contrast, place: tuple[int, ...], progress: Progress) -> LogRatio:
        """A ratio that depends on the simulation alone."""
        step = f"{SIMULATION}{name}"
        if (kept := self._checkpoint.read(step)) is not None:
            return LogRatio.from_arrays(kept)
        ratio = self._ratio(contrast, place, progress)
        self._checkpoint.write(step, ratio.arrays())
        return ratio

    def _ratio(self, contrast: Contrast, place: tuple[int, ...], progress: Progress) -> LogRatio:
        return fit_log_ratio(contrast, self._settings, seed=word(self._seed, *place), progress=progress)

    def _next_prior(self, index: int, columns: FloatArray, weight: FloatArray, progress: Progress) -> tuple[FloatArray, int]:
        """Weights that turn the simulated truth into the draws, and how many of them are saturated.

        They are always those of the original truth times a density ratio: errors of an iteration are not multiplied by the next.
        """
        problem, true = self._problem, self._problem.mc.pass_gen
        drawn = (columns, weight, np.repeat(problem.data.event, self._samples))
        simulated = (problem.gen[true], problem.weight[true], problem.mc.event[true])
        ratio = self._ratio(Contrast.between(drawn, simulated), (5, index), Part(progress, "next prior"))
        logarithm, saturated = ratio.evaluate(problem.gen[true])
        pushed = problem.weight[true] * np.exp(logarithm)
        prior = problem.weight.copy()
        prior[true] = pushed * (weight.sum() / pushed.sum())
        return prior, int(saturated.sum())

    def _ranks(self, rows: NDArray[np.int64], prior: FloatArray, rng: np.random.Generator) -> list[dict[str, Any]]:
        """Rank histogram of every column, over some held-out pairs."""
        rows = rows[:_RANKED_PAIRS]
        truth = self._problem.gen[rows]
        reco = self._problem.reco[rows]
        draws = self._problem.regression.restored(self._learner.draw(reco, _RANKED_DRAWS, rng), reco)
        draws = draws.reshape(len(rows), _RANKED_DRAWS, -1)
        columns = range(truth.shape[1])
        return [rank_histogram(truth[:, at], draws[:, :, at], prior[rows]).to_dict() for at in columns]

    def _arrays(self, drawn: Drawn) -> dict[str, NDArray[Any]]:
        """What a checkpoint keeps; the network as plain arrays, in the order in which Keras lists them."""
        record = np.frombuffer(json.dumps(drawn.record).encode(), np.uint8)
        return {"gen": drawn.gen, "weight": drawn.weight, "prior": drawn.prior, "record": record, **self._network()}

    def _network(self) -> dict[str, NDArray[Any]]:
        return {f"network-{at}": values for at, values in enumerate(self._learner.arrays())}

    def _load(self, kept: Mapping[str, NDArray[Any]]) -> None:
        names = [name for name in kept if name.startswith("network-")]
        self._learner.load([kept[f"network-{at}"] for at in range(len(names))])

    def _restore(self, kept: Mapping[str, NDArray[Any]]) -> Drawn:
        self._load(kept)
        record = json.loads(bytes(kept["record"]).decode())
        return Drawn(kept["gen"], kept["weight"], kept["prior"], record)


def _certain(columns: FloatArray) -> FloatArray:
    """Logarithm of the odds where every event is reconstructed."""
    return np.full(len(columns), np.inf)


def _deviations(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Standard deviation of each column."""
    mean = np.average(values, axis=0, weights=weight)
    return np.asarray(np.sqrt(np.maximum(np.average(np.square(values - mean), axis=0, weights=weight), 0.0)))
