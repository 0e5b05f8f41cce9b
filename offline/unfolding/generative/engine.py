"""What all generative methods do with p(gen | reco): learn it, draw for each measured event, correct fakes and misses, repeat."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.progress import Progress
from offline.unfolding.generative.classifier import Logit, fit_logit, sigmoid
from offline.unfolding.generative.problem import Problem
from offline.unfolding.generative.ranks import rank_histogram
from offline.unfolding.generative.schedule import Training
from offline.unfolding.generative.training import Learner
from offline.unfolding.method import Checkpoint
from offline.unfolding.sample import FloatArray

__all__ = ["Drawn", "Engine", "word"]

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
    network : keras.layers.Layer
        Density of gen given reco, with ``event_loss`` and ``transport``.
    samples : int
        Draws for each measured event.
    training, retraining, classifier : Training
        Schedules of the first iteration, of further ones, and of classifiers.
    seed : int
        Root of every random number.
    """

    def __init__(
        self,
        problem: Problem,
        network: Any,
        *,
        samples: int,
        training: Training,
        retraining: Training,
        classifier: Training,
        seed: int,
    ) -> None:
        self._problem, self._learner, self._samples, self._seed = problem, Learner(network), samples, seed
        self._schedules, self._classifier = (training, retraining), classifier

    def run(self, iterations: int, progress: Progress, checkpoint: Checkpoint) -> list[Drawn]:
        """All iterations.

        The first learns p(z | x) with the truth of the simulation as prior. Each further one (arXiv:2212.08674) takes the weights
        that turn the simulated truth into what was unfolded, and goes on training with them. With networks that learn perfectly
        that is expectation maximisation, as OmniFold is.
        """
        drawn: list[Drawn] = []
        progress.start("generative unfolding", iterations)
        for index in range(iterations):
            kept = checkpoint.read(f"generative-{index}")
            if kept is None:
                prior = drawn[-1].prior if drawn else self._problem.weight
                drawn.append(self._iterate(index, prior, last=index == iterations - 1))
                checkpoint.write(f"generative-{index}", self._arrays(drawn[-1]))
            else:
                drawn.append(self._restore(kept))
            progress.advance()
        progress.finish()
        return drawn

    def _iterate(self, index: int, prior: FloatArray, *, last: bool) -> Drawn:
        problem, both = self._problem, self._problem.mc.pass_both
        learnt, tested = both & ~problem.held_out, both & problem.held_out
        pairs = [problem.gen[learnt], problem.reco[learnt]]
        losses = self._learner.train(pairs, prior[learnt], self._schedules[index > 0], word(self._seed, 1, index))
        rng = np.random.default_rng((self._seed, 2, index))
        columns = self._learner.draw(problem.measured, self._samples, rng)
        true_share = self._true_share(index, prior)
        efficiency = self._efficiency(columns)
        weight = np.repeat(problem.data.weight * true_share / self._samples, self._samples) / efficiency
        gen = problem.gen_scaling.backward(columns)
        record = {
            "losses": losses,
            "held_out_loss": self._learner.evaluate([problem.gen[tested], problem.reco[tested]], prior[tested]),
            "ranks": self._ranks(np.flatnonzero(tested), prior, rng),
            "true_share": [float(true_share.min()), float(true_share.max())],
            "efficiency": [float(efficiency.min()), float(efficiency.max())],
            "total": float(weight.sum()),
            "mean": np.average(gen, axis=0, weights=weight).tolist(),
        }
        return Drawn(gen, weight, prior if last else self._next_prior(index, columns, weight), record)

    def _true_share(self, index: int, prior: FloatArray) -> FloatArray:
        """Probability of each measured event not to be a fake, shape (m,)."""
        mc = self._problem.mc
        if not (mc.pass_reco & ~mc.pass_gen).any():
            return np.ones(self._problem.data.n)
        seen = mc.pass_reco
        logit = self._fit(self._problem.reco[seen], mc.pass_gen[seen], prior[seen], 3, index)
        return sigmoid(logit(self._problem.measured))

    @cached_property
    def _efficiency_logit(self) -> Logit | None:
        """Whether a true event is reconstructed, which no prior changes; none where every one is."""
        mc = self._problem.mc
        if not (mc.pass_gen & ~mc.pass_reco).any():
            return None
        true = mc.pass_gen
        return self._fit(self._problem.gen[true], mc.pass_reco[true], mc.weight[true], 4)

    def _efficiency(self, columns: FloatArray) -> FloatArray:
        """Probability of each draw to be reconstructed, shape (m * samples,)."""
        return np.ones(len(columns)) if self._efficiency_logit is None else sigmoid(self._efficiency_logit(columns))

    def _next_prior(self, index: int, columns: FloatArray, weight: FloatArray) -> FloatArray:
        """Weights that turn the simulated truth into the draws: always those of the original one, times a density ratio."""
        problem, true = self._problem, self._problem.mc.pass_gen
        simulated = problem.weight[true]
        inputs = np.concatenate([columns, problem.gen[true]])
        label = np.arange(len(inputs)) < len(columns)
        balanced = np.concatenate([weight / weight.sum(), simulated / simulated.sum()])
        ratio = np.exp(self._fit(inputs, label, balanced, 5, index)(problem.gen[true]))
        prior = problem.weight.copy()
        prior[true] = simulated * ratio * (weight.sum() / (simulated * ratio).sum())
        return prior

    def _fit(self, inputs: FloatArray, label: NDArray[np.bool_], weight: FloatArray, *place: int) -> Logit:
        return fit_logit(inputs, label, weight, self._classifier, word(self._seed, *place))

    def _ranks(self, rows: NDArray[np.int64], prior: FloatArray, rng: np.random.Generator) -> list[dict[str, Any]]:
        """Rank histogram of every column, over some held-out pairs."""
        rows = rows[:_RANKED_PAIRS]
        truth = self._problem.gen[rows]
        draws = self._learner.draw(self._problem.reco[rows], _RANKED_DRAWS, rng).reshape(len(rows), _RANKED_DRAWS, -1)
        columns = range(truth.shape[1])
        return [rank_histogram(truth[:, at], draws[:, :, at], prior[rows]).to_dict() for at in columns]

    def _arrays(self, drawn: Drawn) -> dict[str, NDArray[Any]]:
        """What a checkpoint keeps; the network as plain arrays, in the order in which Keras lists them."""
        record = np.frombuffer(json.dumps(drawn.record).encode(), np.uint8)
        network = {f"network-{at}": values for at, values in enumerate(self._learner.arrays())}
        return {"gen": drawn.gen, "weight": drawn.weight, "prior": drawn.prior, "record": record, **network}

    def _restore(self, kept: Mapping[str, NDArray[Any]]) -> Drawn:
        names = [name for name in kept if name.startswith("network-")]
        self._learner.load([kept[f"network-{at}"] for at in range(len(names))])
        record = json.loads(bytes(kept["record"]).decode())
        return Drawn(kept["gen"], kept["weight"], kept["prior"], record)
