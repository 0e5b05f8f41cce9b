"""The teacher: a convolutional autoencoder of regions in floats; the mean squared error of its picture is what is strange.

As CICADA (arXiv:2510.15672), but nothing in it knows where phi begins: convolutions see the regions beyond an edge in phi, and no
layer looks at all of phi at once. Its score is the same for a crossing that is turned by 120 degrees, the stride of all its
convolutions together.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data.calo_regions import N_ETA, N_PHI
from l1ml.determinism import seed_everything
from l1ml.progress import SILENT, Progress
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.config import TrainingConfig
from l1ml.training.fitting import Arrays, fit
from l1ml.training.pruning import Pruning
from l1ml.training.regions.config import TeacherConfig

__all__ = ["COUNTS", "TURN", "build_teacher", "scorer_of", "train_teacher"]

COUNTS = 8.0
"""Counts of 0.5 GeV that are 1 for the networks."""

TURN = 6
"""Regions in phi by which the latent numbers move."""

_STEEPNESS = 32.0
"""Usual crossings have a mean squared error of some 0.05: without it hard ones would be all that a student learns."""

_SECTOR = (3, N_ETA // 2)
"""Positions, after a stride of two, that become one set of latent numbers."""


def build_teacher(config: TeacherConfig) -> Any:
    """Words (n, 252) -> what the autoencoder makes of them, scaled (n, 252)."""
    keras = require("keras")
    layers, inputs = keras.layers, keras.Input((N_PHI * N_ETA,), name="words")
    x = layers.Reshape((N_PHI, N_ETA, 1), name="image")(layers.Rescaling(1 / COUNTS, name="scale")(inputs))
    x = layers.Conv2D(config.filters, 3, strides=2, activation="relu", name="edges")(_closed(x))
    x = layers.Conv2D(config.latent, _SECTOR, strides=_SECTOR, name="latent")(x)
    x = layers.Conv2DTranspose(config.filters, _SECTOR, strides=_SECTOR, activation="relu", name="sectors")(x)
    x = layers.Conv2DTranspose(-(-config.filters // 2), 2, strides=2, activation="relu", name="regions")(x)
    x = layers.Conv2D(1, 3, name="picture")(_closed(x))
    return keras.Model(inputs, layers.Flatten(name="flat")(x), name="teacher")


def _closed(x: Any) -> Any:
    """`x`, shape (n, phi, eta, k), with one more position on each side: the other end in phi, nothing in eta."""
    keras = require("keras")
    around = keras.ops.concatenate([x[:, -1:], x, x[:, :1]], axis=1)
    return keras.layers.ZeroPadding2D((0, 1))(around)


def scorer_of(teacher: Any) -> Any:
    """Words (n, 252) -> log2(1 + 32 x mean squared error) (n, 1)."""
    keras = require("keras")
    (inputs,) = teacher.inputs
    error = keras.ops.mean(keras.ops.square(teacher.outputs[0] - inputs / COUNTS), axis=-1, keepdims=True)
    return keras.Model(inputs, keras.ops.log2(1.0 + _STEEPNESS * error), name="teacher_score")


def train_teacher(
    teacher: Any,
    samples: tuple[tuple[NDArray[np.int32], NDArray[np.float64]], ...],
    config: TeacherConfig,
    *,
    seed: int,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> Any:
    """`teacher`, trained on the first of `samples`, words (n, 252) and natural weights (n,); the second one chooses the epoch.

    `checkpoint` is gone when the training is done: one that is killed later trains the teacher again, to the same weights.

    Raises
    ------
    TrainingError
        If the loss is no number any more.
    """
    keras = require("keras")
    seed_everything(seed)
    schedule = {name: value for name, value in asdict(config).items() if name not in {"filters", "latent"}}
    settings = TrainingConfig(seed, patience=config.epochs, sparsity=0.0, pruning_epochs=0, **schedule)
    teacher.compile(optimizer=keras.optimizers.Adam(config.learning_rate), loss="mse")
    fit(
        teacher,
        teacher,
        Pruning(0.0, 0),
        [_arrays(*item) for item in samples],
        settings,
        progress=progress,
        checkpoint=checkpoint,
    )
    return teacher


def _arrays(words: NDArray[np.int32], weight: NDArray[np.float64]) -> Arrays:
    """Words, scaled words, weights with mean one."""
    return words.astype(np.float32), (words / COUNTS).astype(np.float32), (weight / weight.mean()).astype(np.float32)
