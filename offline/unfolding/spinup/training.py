"""Maximum likelihood with Keras: models whose output is a log likelihood, and one loop that trains any of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.progress import Progress
from offline.unfolding.sample import FloatArray
from offline.unfolding.spinup.flow import Flow
from offline.unfolding.spinup.settings import Schedule

__all__ = ["Arrays", "FlowLikelihood", "Likelihood", "evaluate", "predict", "train"]

keras = require("keras")
ops = keras.ops

_WORTH_COMPILING = 200
"""Steps that win back the seconds that the compiler takes."""

Arrays = Sequence[NDArray[Any]]
"""Inputs of a model, events along the first axis; the last one holds the weights."""


class Likelihood(keras.Model):  # type: ignore[name-defined, misc]  # keras has no types
    """A model that gives the log likelihood of events, shape (n, members); its last input is their weight, (n, members or 1)."""

    @property
    def recipe(self) -> tuple[Callable[..., Likelihood], tuple[Hashable, ...]]:
        """What makes a model of the same shape, and of what."""
        raise NotImplementedError

    def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, *_: Any, **__: Any) -> Any:  # noqa: ARG002  of Keras
        """Weighted mean of minus the log likelihood, summed over members, which share no parameters."""
        return -ops.sum(ops.mean(x[-1] * y_pred, axis=0))


class FlowLikelihood(Likelihood):
    """Log density of a flow: inputs x (n, d), the context (n, c) if it has one, and weights."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self.flow = flow

    @property
    def recipe(self) -> tuple[Callable[..., Likelihood], tuple[Hashable, ...]]:
        """Another flow of the same size."""
        return _flow_likelihood, self.flow.size

    def call(self, inputs: Any) -> Any:
        """Log density, shape (n, members)."""
        context = inputs[1][None, :, None] if self.flow.n_context else None
        return ops.transpose(self.flow.log_density(inputs[0][None, :, None], context)[..., 0])


def train(
    model: Likelihood,
    sample: Arrays,
    schedule: Schedule,
    rng: np.random.Generator,
    *,
    validation: Arrays | None = None,
    progress: Progress,
) -> list[float]:
    """Train `model` on `sample`, and keep the parameters that describe `validation` best.

    What is trained is a compiled model of the same shape, which is made once: compiling takes longer than hundreds of steps.

    Returns
    -------
    list of float
        Loss after each check, the start first: on the validation sample or else the mean over the steps before.
    """
    n = len(sample[0])
    batch = schedule.batch_of(n)
    worker = _worker(*model.recipe, "auto" if schedule.steps >= _WORTH_COMPILING else False, batch)
    worker.set_weights(model.get_weights())
    for variable in worker.optimizer.variables:
        variable.assign(np.zeros(variable.shape))
    best, losses = model.get_weights(), [] if validation is None else [evaluate(model, validation, batch)]
    rows = _batches(n, batch, rng)
    for steps in np.array_split(np.arange(schedule.steps), min(schedule.checks, schedule.steps)):
        total = np.mean([_step(worker, sample, next(rows), schedule.rate(int(step))) for step in steps])
        model.set_weights(worker.get_weights())
        losses.append(float(total) if validation is None else evaluate(model, validation, batch))
        if validation is not None and losses[-1] == min(losses):
            best = model.get_weights()
        progress.advance(len(steps))
    if validation is not None:
        model.set_weights(best)
    return losses


@lru_cache(maxsize=16)
def _worker(make: Callable[..., Likelihood], size: tuple[Hashable, ...], jit: Any, batch: int) -> Any:  # noqa: ARG001
    """A model with its optimiser, traced and compiled at most once: for batches of one size.

    With another size TensorFlow would trace it for any, whose sums differ in the last bit: a fit would depend on those before.
    """
    model = make(*size)
    # a short memory of squared gradients: there are hundreds of steps, not millions
    model.compile(optimizer=keras.optimizers.Adam(beta_2=0.99), jit_compile=jit)
    model.optimizer.build(model.trainable_variables)
    return model


def _flow_likelihood(*size: Any) -> FlowLikelihood:
    return FlowLikelihood(Flow(*size))


def _step(worker: Any, sample: Arrays, rows: NDArray[np.int64], rate: float) -> float:
    worker.optimizer.learning_rate = rate
    return float(worker.train_on_batch(tuple(array[rows] for array in sample)))


def _batches(n: int, batch: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Rows of one batch after the other, for ever; each event once in every pass, but for what does not fill a batch."""
    while True:
        order = rng.permutation(n)
        for first in range(0, n - batch + 1, batch):
            # in order of their place: faster to copy
            yield np.sort(order[first : first + batch])


def evaluate(model: Likelihood, sample: Arrays, batch: int) -> float:
    """Loss of a whole sample."""
    values = predict(model, sample, batch)
    return float(-(sample[-1] * values).mean(axis=0).sum())


def predict(model: Any, sample: Arrays, batch: int) -> FloatArray:
    """Output for every event of `sample`, float64, `batch` of them at a time; not compiled, which takes longer than it saves."""
    parts = []
    for first in range(0, len(sample[0]), batch):
        inputs = tuple(ops.convert_to_tensor(array[first : first + batch]) for array in sample)
        parts.append(ops.convert_to_numpy(model(inputs)))
    return np.concatenate(parts).astype(np.float64)
