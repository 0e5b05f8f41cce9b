"""Training of conditional generators and classifiers, and drawing, on whatever backend Keras has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.determinism import seed_everything
from l1ml.errors import DataError
from offline.unfolding.generative.schedule import Training
from offline.unfolding.sample import FloatArray

keras = require("keras")
ops = keras.ops

__all__ = ["Learner"]

_DRAWN_AT_ONCE = 16384


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
        # weights have the mean 1 over the sample: not over a batch, whose total may come near 0 where some are negative
        return ops.mean(sample_weight * y_pred)


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
        Built. ``event_loss(*inputs)`` is the loss of each event, ``transport(noise, conditions)`` draws; `n_noise` and `n_drawn`
        are the columns that noise needs and those of a draw that count.
    """

    def __init__(self, network: Any) -> None:
        self._network, self._loss, self._drawing = network, EventLoss(network), Drawing(network)
        self._drawing.compile(jit_compile=_compiled())

    def train(self, inputs: Sequence[FloatArray], weight: FloatArray, settings: Training, seed: int) -> list[float]:
        """Minimise the weighted mean of the losses, going on from where the network is; the loss of each pass over the events.

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
        size = min(settings.batch_size, len(scaled))
        passes = -(-settings.updates * size // len(scaled))
        schedule = keras.optimizers.schedules.CosineDecay(settings.learning_rate, passes * -(-len(scaled) // size))
        self._loss.compile(optimizer=keras.optimizers.Adam(schedule, clipnorm=10.0), jit_compile=_compiled())
        unused = np.zeros(len(scaled), np.float32)
        history = self._loss.fit(arrays, unused, sample_weight=scaled, batch_size=size, epochs=passes, verbose=0)
        losses = [float(value) for value in history.history["loss"]]
        if not np.isfinite(losses).all():
            msg = f"the loss became {losses[-1]} after {len(losses)} passes: lower learning_rate, or look for outliers"
            raise DataError(msg)
        return losses

    def evaluate(self, inputs: Sequence[FloatArray], weight: FloatArray) -> float:
        """Weighted mean of the losses of events, for those that were not trained on."""
        return float(np.average(_predict(self._loss, inputs), weights=weight))

    def draw(self, conditions: FloatArray, samples: int, rng: np.random.Generator) -> FloatArray:
        """`samples` draws for each row of `conditions`, shape (n * samples, d): those of a row stand together."""
        noise = rng.standard_normal((len(conditions) * samples, self._network.n_noise))
        drawn = _predict(self._drawing, [noise, np.repeat(conditions, samples, axis=0)])
        return drawn[:, : self._network.n_drawn].astype(np.float64)

    def arrays(self) -> list[NDArray[Any]]:
        """Weights of the network, in the order in which Keras lists them."""
        return [ops.convert_to_numpy(variable) for variable in self._network.weights]

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


def _compiled() -> bool:
    """Whether to compile: for TensorFlow that takes longer than a fit of this size gains, and JAX is slow without."""
    return bool(keras.backend.backend() == "jax")


def _noises(network: Any) -> list[Any]:
    """Seed generators of the network itself."""
    return [value for value in vars(network).values() if isinstance(value, keras.random.SeedGenerator)]


def _predict(model: Any, inputs: Sequence[FloatArray]) -> NDArray[np.float32]:
    arrays = [values.astype(np.float32) for values in inputs]
    return np.asarray(model.predict(arrays, batch_size=_DRAWN_AT_ONCE, verbose=0))
