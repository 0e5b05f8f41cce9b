"""The network of AUSSIE: what a quadratic ln w lacks, trained with the Gaussian kernel loss in Keras."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.progress import Progress
from offline.unfolding.aussie.rows import Rows
from offline.unfolding.aussie.settings import NetworkSettings
from offline.unfolding.ratio.architecture import Architecture
from offline.unfolding.ratio.layers import Layers
from offline.unfolding.ratio.members import compiled_members, layers_of, load
from offline.unfolding.sample import FloatArray

__all__ = ["train"]


@lru_cache(maxsize=4)
def _make(architecture: Architecture, width: float, penalty: float) -> Any:
    """Trainable Keras model of networks side by side, compiled.

    It reads scaled generated quantities; its target holds, for each event, the simulated weight, the part of ln w that is there
    already, whether it is a true event, a and b of the residual, and the scaled reconstructed quantities.
    """
    ops = require("keras").ops

    def loss(target: Any, output: Any) -> Any:
        share, offset, true, constant, slope = (target[:, place : place + 1] for place in range(5))
        reco = target[:, 5:]
        lack = share * (constant - slope * ops.exp(true * (offset + output)))
        square = ops.sum(ops.square(reco), axis=1, keepdims=True)
        distance = square + ops.transpose(square) - 2 * ops.matmul(reco, ops.transpose(reco))
        wide = ops.exp(-0.5 / width**2 * ops.maximum(distance, 0.0))
        middle = ops.square(ops.square(wide))
        kernel = (wide + middle + ops.square(ops.square(middle))) / 3
        # without the diagonal the mean over pairs has no bias; it may be negative, and clamping it would bring the bias back
        pairs = ops.sum(lack * ops.matmul(kernel, lack)) - ops.sum(ops.square(lack))
        n = ops.cast(ops.shape(target)[0], pairs.dtype)
        return pairs / (n * (n - 1)) + penalty * ops.sum(ops.square(true * output)) / n

    return compiled_members(architecture, loss)


def train(
    rows: Rows, offset: FloatArray, settings: NetworkSettings, width: float, *, rng: np.random.Generator, progress: Progress
) -> tuple[Layers, list[float]]:
    """Networks trained on `rows` on top of the ln w `offset`, shape (n,), and the mean loss of each epoch.

    The rate falls to zero along half a cosine, which averages out the noise of single batches: the last weights are the ones to
    use.
    """
    architecture = Architecture(rows.gen.shape[1], settings.hidden, settings.members)
    model = _make(architecture, width, settings.penalty)
    load(model, architecture.initial(rng))
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
