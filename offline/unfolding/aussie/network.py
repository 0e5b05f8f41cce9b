"""The network of AUSSIE: what a quadratic ln w lacks, trained with the Gaussian kernel loss in Keras."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.determinism import fix_sums
from l1ml.progress import Progress
from offline.unfolding.aussie.rows import Rows
from offline.unfolding.aussie.settings import NetworkSettings
from offline.unfolding.ratio.log_ratio import Layers
from offline.unfolding.ratio.members import initial_layers, layers_of, load
from offline.unfolding.sample import FloatArray

__all__ = ["train"]


@lru_cache(maxsize=4)
def _make(dimension: int, hidden: tuple[int, ...], members: int, width: float, penalty: float) -> Any:
    """Trainable Keras model of `members` networks side by side, compiled.

    It reads scaled generated quantities; its target holds, for each event, the simulated weight, the part of ln w that is there
    already, whether it is a true event, a and b of the residual, and the scaled reconstructed quantities.
    """
    keras = require("keras")
    ops = keras.ops
    fix_sums()
    sizes = (dimension, *hidden, 1)

    class Weights(keras.Model):  # type: ignore[misc, name-defined]  # Keras has no type hints
        """Layers with a leading axis for the members."""

        def __init__(self) -> None:
            super().__init__(name="weights")
            shapes = [shape for a, b in pairwise(sizes) for shape in ((members, a, b), (members, 1, b))]
            self.parameters = [self.add_weight(shape=shape, initializer="zeros", name=f"p{i}") for i, shape in enumerate(shapes)]

        def call(self, scaled: Any) -> Any:
            values = ops.expand_dims(scaled, 0)
            for index in range(0, len(self.parameters), 2):
                values = ops.matmul(ops.silu(values) if index else values, self.parameters[index]) + self.parameters[index + 1]
            return ops.transpose(values[..., 0])

        def compute_loss(
            self,
            x: Any = None,  # noqa: ARG002 - the signature is Keras's
            y: Any = None,
            y_pred: Any = None,
            sample_weight: Any = None,  # noqa: ARG002
            training: bool = True,  # noqa: ARG002
        ) -> Any:
            share, offset, true, constant, slope, reco = y[:, :1], y[:, 1:2], y[:, 2:3], y[:, 3:4], y[:, 4:5], y[:, 5:]
            lack = share * (constant - slope * ops.exp(true * (offset + y_pred)))
            square = ops.sum(ops.square(reco), axis=1, keepdims=True)
            distance = square + ops.transpose(square) - 2 * ops.matmul(reco, ops.transpose(reco))
            wide = ops.exp(-0.5 / width**2 * ops.maximum(distance, 0.0))
            middle = ops.square(ops.square(wide))
            kernel = (wide + middle + ops.square(ops.square(middle))) / 3
            # without the diagonal the mean over pairs has no bias; it may be negative, and clamping it would bring the bias back
            pairs = ops.sum(lack * ops.matmul(kernel, lack)) - ops.sum(ops.square(lack))
            n = ops.cast(ops.shape(y)[0], pairs.dtype)
            return pairs / (n * (n - 1)) + penalty * ops.sum(ops.square(true * y_pred)) / n

    model = Weights()
    # JAX without it runs every operation by itself; TensorFlow has its graph
    model.compile(optimizer=keras.optimizers.Adam(), jit_compile=keras.backend.backend() == "jax")
    model.optimizer.build(model.trainable_variables)
    return model


def train(
    rows: Rows, offset: FloatArray, settings: NetworkSettings, width: float, *, rng: np.random.Generator, progress: Progress
) -> tuple[Layers, list[float]]:
    """Networks trained on `rows` on top of the ln w `offset`, shape (n,), and the mean loss of each epoch.

    The rate falls to zero along half a cosine, which averages out the noise of single batches: the last weights are the ones to
    use.
    """
    model = _make(rows.gen.shape[1], settings.hidden, settings.members, width, settings.penalty)
    load(model, initial_layers(rows.gen.shape[1], settings.hidden, settings.members, rng))
    inputs, targets = _arrays(rows, offset)
    steps = max(1, rows.n // settings.batch)
    way = np.arange(settings.epochs * steps) / (settings.epochs * steps)
    rates = settings.learning_rate * 0.5 * (1 + np.cos(np.pi * way))
    losses = []
    progress.start("weights", settings.epochs)
    for epoch in range(settings.epochs):
        order = rng.permutation(rows.n)[: steps * (rows.n // steps)].reshape(steps, -1)
        losses.append(_epoch(model, inputs, targets, order, rates[epoch * steps : (epoch + 1) * steps]) / settings.members)
        progress.advance()
    progress.finish()
    return layers_of(model), losses


def _epoch(
    model: Any, inputs: NDArray[np.float32], targets: NDArray[np.float32], order: NDArray[np.int64], rates: FloatArray
) -> float:
    """Mean loss of one pass; batches of one size, so that nothing is compiled twice."""
    losses = []
    for batch, rate in zip(order, rates, strict=True):
        model.optimizer.learning_rate = float(rate)
        losses.append(float(model.train_on_batch(inputs[batch], targets[batch])))
    return float(np.mean(losses))


def _arrays(rows: Rows, offset: FloatArray) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Inputs and targets, as `_make` describes them; simulated weights have a mean of one."""
    columns = np.stack([rows.n * rows.weight, offset, rows.true, rows.constant, rows.slope], axis=1)
    return rows.gen.astype(np.float32), np.concatenate([columns, rows.reco], axis=1).astype(np.float32)
