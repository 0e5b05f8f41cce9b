"""The game of RAN."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.progress import Progress
from offline.unfolding.ran.networks import make_critic, make_reweighter
from offline.unfolding.ran.settings import GameSettings
from offline.unfolding.ratio import regression
from offline.unfolding.ratio.layers import Layers, forward
from offline.unfolding.ratio.terms import Terms
from offline.unfolding.sample import BoolArray, FloatArray

__all__ = ["Sides", "play"]


@dataclass(frozen=True, eq=False)
class Sides:
    """Scaled quantities of the two samples.

    Parameters
    ----------
    data, data_weight : ndarray of float64, shape (n_data, d_reco) and (n_data,)
        Measured events.
    reco, gen, true, weight : ndarray, shape (n, d_reco), (n, d_gen), (n,) and (n,)
        Simulated events that are reconstructed; which of them pass at generation.
    """

    data: FloatArray
    data_weight: FloatArray
    reco: FloatArray
    gen: FloatArray
    true: BoolArray
    weight: FloatArray

    @cached_property
    def inputs(self) -> NDArray[np.float32]:
        """What the reweighter reads: terms of a quadratic form, less the constant, which the normalisation decides, and `gen`."""
        form = Terms.form(self.gen.shape[1])(self.gen)[:, 1:]
        return np.concatenate([form, self.gen], axis=1).astype(np.float32)


def play(
    sides: Sides, settings: GameSettings, rng: np.random.Generator, progress: Progress
) -> tuple[FloatArray, Layers, list[float]]:
    """Coefficients and layers of ln g, averaged over the last rounds, and ten mean distances that the critic saw on the way."""
    critic, reweighter = _players(sides, settings, rng)
    mean, kept, distances = [np.zeros_like(array) for array in reweighter.get_weights()], 0, []
    progress.start("game", settings.rounds)
    for step in range(settings.rounds):
        fall = 0.5 * (1 + np.cos(np.pi * step / settings.rounds))
        critic.optimizer.learning_rate = settings.critic_rate * fall
        reweighter.optimizer.learning_rate = settings.learning_rate * fall
        distances += [_criticise(critic, reweighter, sides, settings.batch, rng) for _ in range(settings.critic_steps)]
        _reweight(critic, reweighter, sides, settings.batch, rng)
        if step >= (1 - settings.averaged) * settings.rounds:
            kept += 1
            mean = [old + (np.asarray(new) - old) / kept for old, new in zip(mean, reweighter.get_weights(), strict=True)]
        progress.advance()
    progress.finish()
    hidden = len(settings.hidden) + 1 if settings.hidden else 0
    layers = tuple(
        (kernel[None], bias[None, None]) for kernel, bias in zip(mean[1 : 1 + hidden], mean[1 + hidden :], strict=True)
    )
    coefficients = _normalised(sides, mean[0][:, 0].astype(np.float64), layers)
    return coefficients, layers, [float(part.mean()) for part in np.array_split(np.array(distances), 10)]


def _normalised(sides: Sides, form: FloatArray, layers: Layers) -> FloatArray:
    """Coefficients with the constant that gives g a mean of one over true events; the others, `form`, are as they were."""
    gen, weight = sides.gen[sides.true], sides.weight[sides.true]
    free = regression.evaluate(Terms.form(gen.shape[1]), np.concatenate([[0.0], form]), gen)
    if layers:
        free = free + forward(layers, gen)[:, 0]
    return np.concatenate([[-np.log(np.average(np.exp(free), weights=weight))], form])


def _players(sides: Sides, settings: GameSettings, rng: np.random.Generator) -> tuple[Any, Any]:
    """Both networks at their start: a random critic, a reweighter that says one."""
    d_reco, d_gen = sides.reco.shape[1], sides.gen.shape[1]
    critic = make_critic(d_reco, settings.critic)
    reweighter = make_reweighter(Terms.form(d_gen).n - 1, d_gen, settings.hidden)
    critic.set_weights([rng.normal(size=weight.shape) * (1 if len(weight.shape) == 2 else 0.5) for weight in critic.weights])
    start = [rng.normal(size=weight.shape) * weight.shape[0] ** -0.5 for weight in reweighter.weights]
    start[0] *= 0
    if settings.hidden:
        # the last kernel, after which only biases follow
        start[1 + len(settings.hidden)] *= 0
        start[-1] *= 0
    reweighter.set_weights(start)
    for model in (critic, reweighter):
        for variable in model.optimizer.variables:
            variable.assign(np.zeros(variable.shape))
    return critic, reweighter


def _criticise(critic: Any, reweighter: Any, sides: Sides, batch: int, rng: np.random.Generator) -> float:
    """One step of the critic; returns the distance before it."""
    data, rows = rng.integers(0, len(sides.data), batch), rng.integers(0, len(sides.reco), batch)
    share, true = sides.weight[rows], sides.true[rows]
    weight = share * np.exp(np.where(true, np.asarray(reweighter.predict_on_batch(sides.inputs[rows]))[:, 0], 0.0))
    weight[true] *= share[true].sum() / weight[true].sum()
    target = np.concatenate([sides.data_weight[data] / sides.data_weight[data].sum(), -weight / weight.sum()])
    values = np.concatenate([sides.data[data], sides.reco[rows]]).astype(np.float32)
    return -float(critic.train_on_batch(values, target[:, None].astype(np.float32)))


def _reweight(critic: Any, reweighter: Any, sides: Sides, batch: int, rng: np.random.Generator) -> None:
    """One step of the reweighter, for which the judgement of the critic is a number for each event."""
    rows = rng.integers(0, len(sides.reco), batch)
    judgement = np.asarray(critic.predict_on_batch(sides.reco[rows].astype(np.float32)))[:, 0]
    target = np.stack([sides.weight[rows], sides.true[rows], judgement - judgement.mean()], axis=1)
    reweighter.train_on_batch(sides.inputs[rows], target.astype(np.float32))
