"""A network that learns to tell true showers from generated ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.determinism import fix_sums
from l1ml.errors import ConfigError, TrainingError
from offline.calorimeter.judging.samples import BoolArray, FloatArray, IndexArray

__all__ = ["ClassifierSettings", "Labelled", "train_classifier"]

_REACH = 5.0
"""Standard deviations up to which an input is linear; logarithmic beyond, as single hot voxels are hundreds of them."""

_BLOCK = 4096

_Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ClassifierSettings:
    """Size and schedule; the defaults take minutes on a core.

    Parameters
    ----------
    hidden : tuple of int
        Units of the hidden layers, leaky ReLU after each.
    epochs : int
        Most passes over the training part.
    batch : int
        Showers in a step, of both samples together.
    learning_rate : float
        Of Adam.
    patience : int
        Epochs without a better validation loss after which training stops.

    Raises
    ------
    ConfigError
        If a number is not positive.
    """

    hidden: tuple[int, ...] = (256, 256)
    epochs: int = 30
    batch: int = 500
    learning_rate: float = 1e-3
    patience: int = 6

    def __post_init__(self) -> None:
        if min((*self.hidden, self.epochs, self.batch, self.patience, self.learning_rate), default=0) <= 0 or not self.hidden:
            msg = f"layers, epochs, batch, patience and learning rate of a classifier must be positive, received {self}"
            raise ConfigError(msg)

    @classmethod
    def challenge(cls) -> Self:
        """Those of the CaloChallenge (arXiv:2410.21611): days on a core for 6480 voxels, hence not the default."""
        return cls((2048, 2048, 2048), 50, 1000, 2e-4, 50)


@dataclass(frozen=True, eq=False, slots=True)
class Labelled:
    """Both samples as one.

    Parameters
    ----------
    values : ndarray of float32, shape (n, d)
        Inputs.
    truth : ndarray of bool, shape (n,)
        Whether a shower is true.
    """

    values: _Array
    truth: BoolArray

    @classmethod
    def of(cls, truth: FloatArray, generated: FloatArray) -> Self:
        """Truth first."""
        values = np.concatenate([truth, generated], dtype=np.float32, casting="same_kind")
        return cls(values, np.arange(len(values)) < len(truth))

    def weight(self, rows: IndexArray) -> _Array:
        """Of `rows`, with a mean of one and the same total in either sample."""
        label = self.truth[rows]
        share = max(label.mean(), 1 / len(rows)), max(1 - label.mean(), 1 / len(rows))
        return np.asarray(np.where(label, 0.5 / share[0], 0.5 / share[1]), np.float32)


@dataclass(frozen=True, eq=False, slots=True)
class _Scale:
    """Mean and inverse standard deviation of each input; a constant one becomes zero."""

    mean: _Array
    inverse: _Array

    @classmethod
    def of(cls, values: _Array, rows: IndexArray) -> Self:
        parts = [values[block].astype(np.float64) for block in np.array_split(rows, max(1, len(rows) // _BLOCK))]
        mean = sum(part.sum(axis=0) for part in parts) / len(rows)
        width = np.sqrt(sum(np.square(part - mean).sum(axis=0) for part in parts) / len(rows))
        inverse = np.where(width > 1e-6 * (1 + np.abs(mean)), 1 / np.maximum(width, 1e-30), 0.0)
        return cls(mean.astype(np.float32), inverse.astype(np.float32))

    def __call__(self, values: _Array) -> _Array:
        scaled = (values - self.mean) * self.inverse
        size = np.abs(scaled)
        drawn_in = np.copysign(_REACH + np.log1p(np.maximum(size - _REACH, 0)), scaled)
        return np.asarray(np.where(size > _REACH, drawn_in, scaled), np.float32)


def train_classifier(
    both: Labelled, training: IndexArray, validation: IndexArray, settings: ClassifierSettings, *, seed: int
) -> tuple[FloatArray, dict[str, Any]]:
    """Chance to be true of every shower, shape (n,), by the weights of the best epoch, and a record of the training.

    Parameters
    ----------
    both : Labelled
        All showers.
    training, validation : ndarray of int
        Rows that are learned from, and rows that choose the epoch.
    settings : ClassifierSettings
        How.
    seed : int
        Of the weights and the order of the showers; no global state is touched.

    Raises
    ------
    TrainingError
        If the loss is not finite.
    """
    rng = np.random.default_rng(seed)
    model = _network(both.values.shape[1], settings.hidden)
    _start(model, settings.learning_rate, rng)
    scale = _Scale.of(both.values, training)
    losses: list[float] = []
    best, weights = 0, model.get_weights()
    for epoch in range(settings.epochs):
        _epoch(model, both, scale, rng.permutation(training), settings.batch)
        losses.append(_loss(_chances(model, both.values[validation], scale), both, validation))
        if not np.isfinite(losses[-1]):
            msg = f"the classifier's loss is {losses[-1]} after epoch {epoch + 1}: lower its learning rate"
            raise TrainingError(msg)
        if losses[-1] <= min(losses):
            best, weights = epoch, model.get_weights()
        if epoch - best >= settings.patience:
            break
    model.set_weights(weights)
    return _chances(model, both.values, scale), {"validation_loss": losses, "best_epoch": best + 1}


@lru_cache(maxsize=4)
def _network(inputs: int, hidden: tuple[int, ...]) -> Any:
    """Compiled network; kept, so that the next training need not compile again."""
    keras = require("keras")
    fix_sums()
    layers: list[Any] = [keras.layers.Input((inputs,))]
    for units in hidden:
        layers += [keras.layers.Dense(units), keras.layers.LeakyReLU(0.01)]
    model = keras.Sequential([*layers, keras.layers.Dense(1)])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    jit = keras.backend.backend() == "jax"  # which runs every operation by itself without; TensorFlow has its graph
    model.compile(optimizer=keras.optimizers.Adam(), loss=loss, jit_compile=jit)
    model.optimizer.build(model.trainable_variables)
    return model


def _start(model: Any, learning_rate: float, rng: np.random.Generator) -> None:
    """Random kernels (X. Glorot and Y. Bengio, AISTATS 2010), biases of zero, and an optimiser that remembers nothing."""
    shapes = [weight.shape for weight in model.get_weights()]
    reaches = [np.sqrt(6 / sum(shape)) if len(shape) == 2 else 0.0 for shape in shapes]
    model.set_weights([rng.uniform(-reach, reach, shape) for reach, shape in zip(reaches, shapes, strict=True)])
    for variable in model.optimizer.variables:
        variable.assign(np.zeros(variable.shape))
    model.optimizer.learning_rate = learning_rate


def _epoch(model: Any, both: Labelled, scale: _Scale, order: IndexArray, batch: int) -> None:
    """One pass; batches of one size, so that nothing is compiled twice."""
    size = min(batch, len(order))
    for start in range(0, len(order) - size + 1, size):
        rows = order[start : start + size]
        target = both.truth[rows].astype(np.float32)[:, None]
        model.train_on_batch(scale(both.values[rows]), target, sample_weight=both.weight(rows))


def _chances(model: Any, values: _Array, scale: _Scale) -> FloatArray:
    blocks = [values[start : start + _BLOCK] for start in range(0, len(values), _BLOCK)]
    logit = np.concatenate([np.asarray(model.predict_on_batch(scale(block)), np.float64)[:, 0] for block in blocks])
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -30, 30))))


def _loss(chance: FloatArray, both: Labelled, rows: IndexArray) -> float:
    """Cross-entropy of `rows`, either sample with one half of the weight."""
    chance = np.clip(chance, 1e-7, 1 - 1e-7)
    entropy = -np.where(both.truth[rows], np.log(chance), np.log1p(-chance))
    return float(np.average(entropy, weights=both.weight(rows)))
