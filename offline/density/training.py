"""Training of conditional generators and classifiers, and drawing, on whatever backend Keras has."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.determinism import graphs_as_written, seed_everything
from l1ml.errors import DataError
from l1ml.progress import SILENT, Progress
from offline.density.schedule import Training

keras = require("keras")
ops = keras.ops

__all__ = ["Learner", "learner_of"]

_DRAWN_AT_ONCE = 8192

FloatArray = NDArray[np.float64]


class HasDensity(Hashable, Protocol):
    """Settings of a network."""

    def density(self, n_gen: int, n_reco: int, seed: int) -> Any:
        """The network, not yet trained."""


class EventLoss(keras.Model):  # type: ignore[misc, name-defined]  # Keras has no type hints
    """A network whose output is the loss of each event."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def call(self, inputs: Any, training: bool = False) -> Any:  # noqa: ARG002 - the signature is Keras's
        return self.network.event_loss(*map(ops.convert_to_tensor, inputs))

    def compute_loss(
        self,
        x: Any = None,  # noqa: ARG002
        y: Any = None,  # noqa: ARG002
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,  # noqa: ARG002
    ) -> Any:
        # members of an ensemble have a column each: their sum is what trains each of them as if it were alone
        each = y_pred if len(y_pred.shape) == 1 else ops.sum(y_pred, axis=1)
        # weights have the mean 1 over the sample: not over a batch, whose total may come near 0 where some are negative
        return ops.mean(sample_weight * each)


class Drawing(keras.Model):  # type: ignore[misc, name-defined]
    """A network whose output is what it makes of noise."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def call(self, inputs: Any) -> Any:
        return self.network.transport(*map(ops.convert_to_tensor, inputs))


class Learner:
    """A network with what is compiled for it, once: tracing a graph takes longer than a few updates.

    Parameters
    ----------
    network : keras.layers.Layer
        Built. ``event_loss(*inputs)`` is the loss of each event, shape (n,) or one column for each of several members that share
        no weights, shape (n, members); ``transport(noise, conditions)`` draws; `n_noise` and `n_drawn`
        are the columns that noise needs and those of a draw that count.
    """

    def __init__(self, network: Any) -> None:
        self._network, self._loss, self._drawing = network, EventLoss(network), Drawing(network)
        self._drawing.compile(jit_compile=_compiled())
        self._loss.compile(jit_compile=_compiled())
        self._steps: dict[int, Any] = {}

    def train(
        self,
        inputs: Sequence[FloatArray],
        weight: FloatArray,
        settings: Training,
        seed: int,
        *,
        task: str = "training",
        progress: Progress = SILENT,
        enough: Callable[[], bool] | None = None,
    ) -> list[float]:
        """Minimise the weighted mean of the losses, going on from where the network is; the mean loss of each pass.

        Parameters
        ----------
        inputs : sequence of ndarray, each of shape (n, any)
            What the loss of an event depends on.
        weight : ndarray of float64, shape (n,)
            Importance of each event, negative ones included; those of weight 0 are left out.
        settings : Training
            Schedule.
        seed : int
            Decides order and noise.
        task, progress : str, Progress
            Listener, and what it is told; units are updates.
        enough : callable, optional
            Asked after each pass whether to stop there.

        Raises
        ------
        DataError
            If the loss stops being a number.
        """
        seed_everything(seed)
        self._reseed(seed)
        used = weight != 0
        arrays = [values[used].astype(np.float32) for values in inputs]
        scaled = (weight[used] / weight[used].mean()).astype(np.float32)
        model = self._compiled_for(size := settings.batch_of(len(scaled)))
        progress.start(task, settings.updates)
        losses: list[float] = []
        for steps in _passes(settings.updates, max(1, len(scaled) // size)):
            order = np.random.default_rng((seed, steps.start)).permutation(len(scaled))
            with graphs_as_written():
                losses.append(_pass(model, arrays, scaled, order[: size * len(steps)], [settings.rate(step) for step in steps]))
            if not np.isfinite(losses[-1]):
                msg = f"the loss became {losses[-1]} after {len(losses)} passes: lower learning_rate, or look for outliers"
                raise DataError(msg)
            progress.advance(len(steps))
            if enough is not None and enough():
                break
        progress.finish()
        return losses

    def _compiled_for(self, size: int) -> Any:
        """The loss with an optimiser that remembers nothing, traced for batches of one size.

        With another size TensorFlow would trace it for any; sums then differ in the last bit, and a fit depended on earlier ones.
        """
        if size not in self._steps:
            model = EventLoss(self._network)
            model.compile(optimizer=keras.optimizers.Adam(clipnorm=10.0), jit_compile=_compiled())
            model.optimizer.build(self._network.trainable_variables)
            self._steps[size] = model
        for variable in self._steps[size].optimizer.variables:
            variable.assign(np.zeros(variable.shape))
        return self._steps[size]

    def evaluate(self, inputs: Sequence[FloatArray], weight: FloatArray) -> float:
        """Weighted mean of the losses of events, for those that were not trained on."""
        return float(np.average(self.losses(inputs), weights=weight))

    def losses(self, inputs: Sequence[FloatArray], seed: int | None = None) -> FloatArray:
        """Loss of each event, shape (n,) or (n, members); with a `seed`, times and noise in it are the same in every call."""
        kept = None if seed is None else [np.array(ops.convert_to_numpy(generator.state)) for generator in _noises(self._network)]
        if seed is not None:
            self._reseed(seed)
        found = _predict(self._loss, inputs).astype(np.float64)
        # training goes on with the noise that it would have had
        for generator, state in zip(_noises(self._network), kept or (), strict=kept is not None):
            generator.state.assign(state)
        return found

    def draw(self, conditions: FloatArray, samples: int, rng: np.random.Generator) -> FloatArray:
        """`samples` draws for each row of `conditions`, shape (n * samples, d): those of a row stand together."""
        return self.draw_from(rng.standard_normal((len(conditions) * samples, self.n_noise)), conditions)

    @property
    def n_noise(self) -> int:
        """Columns of noise that a draw is made of."""
        return int(self._network.n_noise)

    def draw_from(self, noise: FloatArray, conditions: FloatArray) -> FloatArray:
        """Draws that `noise`, shape (n * samples, `n_noise`), stands for; `conditions` and result as those of `draw`."""
        drawn = _predict(self._drawing, [noise, np.repeat(conditions, len(noise) // len(conditions), axis=0)])
        return drawn[:, : self._network.n_drawn].astype(np.float64)

    def arrays(self) -> list[NDArray[Any]]:
        """Weights of the network, in the order in which Keras lists them."""
        return _arrays(self._network)

    def load(self, arrays: Sequence[NDArray[Any]]) -> None:
        """Put the weights of a network of the same settings into this one.

        Raises
        ------
        DataError
            If they are of another number or shape.
        """
        shapes = [tuple(variable.shape) for variable in self._network.weights]
        if shapes != [values.shape for values in arrays]:
            msg = f"weights of the shapes {[values.shape for values in arrays]} do not fit a network of {shapes}"
            raise DataError(msg)
        for variable, values in zip(self._network.weights, arrays, strict=True):
            variable.assign(values)

    def _reseed(self, seed: int) -> None:
        """Start the noise of the network anew: a fit that goes on from a checkpoint then draws what it would have drawn."""
        for generator in _noises(self._network):
            generator.state.assign(keras.random.SeedGenerator(seed).state)


def learner_of(method: HasDensity, n_gen: int, n_reco: int, seed: int) -> Learner:
    """A learner whose network starts as ``method.density(n_gen, n_reco, seed)`` does; replicas share what is traced for it."""
    fresh = method.density(n_gen, n_reco, seed)
    learner = _made(method, n_gen, n_reco)
    learner.load(_arrays(fresh))
    return learner


@lru_cache(maxsize=2)
def _made(method: HasDensity, n_gen: int, n_reco: int) -> Learner:
    """A learner for a network of any weights."""
    return Learner(method.density(n_gen, n_reco, 0))


def _pass(
    model: Any,
    arrays: Sequence[NDArray[np.float32]],
    weight: NDArray[np.float32],
    order: NDArray[np.int64],
    rates: Sequence[float],
) -> float:
    """Mean loss of the steps of one pass, in the given order."""
    losses = []
    for rows, rate in zip(order.reshape(len(rates), -1), rates, strict=True):
        model.optimizer.learning_rate = rate
        batch = [values[rows] for values in arrays]
        # Keras wants targets, too; the loss has none
        losses.append(float(model.train_on_batch(batch, weight[rows], sample_weight=weight[rows])))
    return float(np.mean(losses))


def _passes(updates: int, length: int) -> Iterator[range]:
    """Updates in passes of `length`; the last one may be shorter."""
    return (range(first, min(first + length, updates)) for first in range(0, updates, length))


def _compiled() -> bool:
    """Whether to compile: for TensorFlow that takes longer than a fit of this size gains, and JAX is slow without."""
    return bool(keras.backend.backend() == "jax")


def _arrays(network: Any) -> list[NDArray[Any]]:
    return [np.array(ops.convert_to_numpy(variable)) for variable in network.weights]


def _noises(network: Any) -> list[Any]:
    """Seed generators of the network itself."""
    return [value for value in vars(network).values() if isinstance(value, keras.random.SeedGenerator)]


def _predict(model: Any, inputs: Sequence[FloatArray]) -> NDArray[np.float32]:
    """Outputs for all rows of `inputs`, in blocks of one size, the last one filled up: what is traced depends on no sample."""
    n, parts = len(inputs[0]), []
    with graphs_as_written():
        for first in range(0, n, _DRAWN_AT_ONCE):
            block = [np.zeros((_DRAWN_AT_ONCE, *values.shape[1:]), np.float32) for values in inputs]
            for filled, values in zip(block, inputs, strict=True):
                filled[: n - first] = values[first : first + _DRAWN_AT_ONCE]
            parts.append(np.asarray(model.predict_on_batch(block))[: n - first])
    return np.concatenate(parts)
