"""Networks that learn what a logit lacks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.progress import Progress
from offline.unfolding.objects import picked
from offline.unfolding.ratio import regression
from offline.unfolding.ratio.architecture import Architecture
from offline.unfolding.ratio.contrast import Contrast
from offline.unfolding.ratio.embedding import Embedding, outputs_of
from offline.unfolding.ratio.layers import Layers
from offline.unfolding.ratio.log_ratio import LogRatio
from offline.unfolding.ratio.members import layers_of, load, make_members
from offline.unfolding.ratio.settings import RatioSettings
from offline.unfolding.sample import BoolArray, FloatArray

__all__ = ["train"]


def train(
    ratio: LogRatio,
    rows: Contrast,
    held_out: BoolArray,
    settings: RatioSettings,
    architecture: Architecture,
    *,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[Layers, dict[str, Any]]:
    """Members trained on what is not `held_out`, each with the weights of its best epoch, and a record.

    Parameters
    ----------
    ratio : LogRatio
        With the layers to start from, which a member that finds nothing better keeps (epoch 0), and the regression, which stays.
    rows : Contrast
        Prepared, with scaled values and objects.
    held_out : ndarray of bool, shape (n,)
        Rows for validation.
    settings : RatioSettings
        Schedule.
    architecture : Architecture
        Sizes of the networks.
    rng : Generator
        Decides the order of the events.
    progress : Progress
        Told about epochs.
    """
    offset = regression.evaluate(ratio.terms, ratio.coefficients, rows.values)
    inputs, targets = _arrays(rows, offset, ~held_out, ratio.embedding)
    model = make_members(architecture)
    load(model, ratio.layers)
    best = _Best(ratio, rows, offset, held_out)
    rates = _rates(settings, len(inputs))
    losses: list[float] = []
    progress.start("training", settings.epochs)
    for epoch in range(settings.epochs):
        losses.append(_epoch(model, inputs, targets, rates[epoch], rng.permutation(len(inputs))) / architecture.members)
        best.look(layers_of(model))
        progress.advance()
        if epoch + 1 - best.epochs.max() >= settings.patience:
            break
    progress.finish()
    record = {
        "loss": losses,
        "validation_loss": [loss.tolist() for loss in best.losses],
        "best_epoch": best.epochs.tolist(),
        "learning_rate": rates[: len(losses), 0].tolist(),
    }
    return best.layers, record


class _Best:
    """The weights of each member at its lowest validation loss so far."""

    def __init__(self, ratio: LogRatio, rows: Contrast, offset: FloatArray, held_out: BoolArray) -> None:
        self._embedding, self._values, self._objects = ratio.embedding, rows.values[held_out], picked(rows.objects, held_out)
        self._offset = offset[held_out][:, None]
        self._numerator, self._denominator = rows.numerator[held_out], rows.denominator[held_out]
        self.layers, self.losses = ratio.layers, [self._loss(ratio.layers)]
        self.epochs = np.zeros(len(ratio.layers[0][0]), np.int64)
        self._lowest = self.losses[0]

    def look(self, layers: Layers) -> None:
        """Keep of `layers`, the weights after one more epoch, those members that improved."""
        loss = self._loss(layers)
        self.losses.append(loss)
        better = loss < self._lowest
        self._lowest = np.where(better, loss, self._lowest)
        self.epochs = np.where(better, len(self.losses) - 1, self.epochs)
        chosen = better[:, None, None]
        self.layers = tuple(
            (np.where(chosen, new[0], old[0]), np.where(chosen, new[1], old[1]))
            for new, old in zip(layers, self.layers, strict=True)
        )

    def _loss(self, layers: Layers) -> FloatArray:
        """Validation loss of each member, shape (members,), per unit of weight."""
        logits = outputs_of(layers, self._embedding, self._values, self._objects) + self._offset
        total = self._numerator.sum() + self._denominator.sum()
        return np.array([regression.cross_entropy(logit, self._numerator, self._denominator) / total for logit in logits.T])


def _arrays(
    rows: Contrast, offset: FloatArray, part: BoolArray, embedding: Embedding | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Inputs, shape (n, any), and targets, shape (n, 3), as the networks read them; weights have a mean of order one."""
    both = rows.numerator + rows.denominator
    scale = part.sum() / both[part].sum()
    targets = np.stack([scale * rows.numerator, scale * both, offset], axis=1)
    values, objects = rows.values[part], picked(rows.objects, part)
    inputs = values.astype(np.float32) if embedding is None or objects is None else embedding.flat(values, objects)
    return inputs, targets[part].astype(np.float32)


def _rates(settings: RatioSettings, n: int) -> FloatArray:
    """Learning rate of each step, shape (epochs, steps): half a cosine down to zero."""
    steps = max(1, n // settings.batch)
    way = np.arange(settings.epochs * steps) / (settings.epochs * steps)
    return np.asarray(settings.learning_rate * 0.5 * (1 + np.cos(np.pi * way))).reshape(settings.epochs, steps)


def _epoch(
    model: Any, inputs: NDArray[np.float32], targets: NDArray[np.float32], rates: FloatArray, order: NDArray[np.int64]
) -> float:
    """Mean loss of one pass in the given order; batches of one size, so that nothing is compiled twice."""
    losses = []
    size = len(order) // len(rates)
    for step, rate in enumerate(rates):
        model.optimizer.learning_rate = float(rate)
        rows = order[step * size : (step + 1) * size]
        losses.append(float(model.train_on_batch(inputs[rows], targets[rows])))
    return float(np.mean(losses))
