"""The tagger that goes into firmware: of learned bits or of fixed formats, with or without a teacher."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.determinism import seed_everything
from l1ml.progress import SILENT, Progress
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.fitting import Arrays, Figure, Fit, fit
from l1ml.training.pruning import Pruning
from l1ml.training.tagger.config import LearnedBitsConfig, TaggerConfig
from l1ml.training.tagger.distillation import distillation_loss, soft_targets
from l1ml.training.tagger.layers import FixedLayers, FloatLayers, Layers, LearnedLayers
from l1ml.training.tagger.sample import JetSample, accuracy

if TYPE_CHECKING:
    from l1ml.training.bits import BitsConfig, BitsTask

__all__ = ["Lesson", "Student", "train_fixed", "train_floats", "train_learned"]

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What a student is taught.

    Parameters
    ----------
    config : TaggerConfig
        Schedule and formats.
    build : callable
        The network in a kind of numbers.
    samples : tuple of JetSample
        Train and validation jets.
    teacher : tuple of ndarray, shapes (n, n_classes)
        Logits of the teacher for them.
    largest : tuple of float
        The largest word there can be of each feature, scaled down as the network does it.
    """

    config: TaggerConfig
    build: Callable[[Layers], Any]
    samples: tuple[JetSample, JetSample]
    teacher: tuple[Floats, Floats]
    largest: tuple[float, ...]

    @property
    def targets(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """For `distillation_loss`, of both samples."""
        train, validation = (
            soft_targets(sample.classes, logits) for sample, logits in zip(self.samples, self.teacher, strict=True)
        )
        return train, validation


@dataclass(frozen=True, slots=True, eq=False)
class Student:
    """A Keras model of fixed formats, how it was trained, and its effective bit operations where bits were learned."""

    network: Any
    fit: Fit
    bit_operations: int | None = None


def train_fixed(lesson: Lesson, progress: Progress = SILENT, checkpoint: Checkpoint | None = None) -> Student:
    """A student whose formats are those of the recipe, pruned as the recipe says.

    Raises
    ------
    TrainingError
        If the loss is no number any more.
    """
    config = lesson.config
    seed_everything(config.seed)
    pruning = Pruning(config.sparsity, config.pruning_epochs, config.pruning)
    network = lesson.build(FixedLayers(config.quantisation, pruning.constraint))
    found = _fit(network, lesson, pruning, progress, checkpoint)
    clean = lesson.build(FixedLayers(config.quantisation))
    clean.set_weights(network.get_weights())
    return Student(clean, found)


def train_floats(lesson: Lesson, progress: Progress = SILENT) -> Any:
    """The student that `train_fixed` trains, in floats and not pruned: what its formats cost is the distance to it.

    Raises
    ------
    TrainingError
        If the loss is no number any more.
    """
    seed_everything(lesson.config.seed)
    network = lesson.build(FloatLayers())
    _fit(network, lesson, Pruning(0.0, 0), progress, None)
    return network


def _fit(network: Any, lesson: Lesson, pruning: Pruning, progress: Progress, checkpoint: Checkpoint | None) -> Fit:
    config = lesson.config
    optimizer = require("keras").optimizers.Adam(config.learning_rate)
    network.compile(optimizer=optimizer, loss=distillation_loss(config.distillation))
    data = [_arrays(sample, targets) for sample, targets in zip(lesson.samples, lesson.targets, strict=True)]
    figure = Figure("accuracy", partial(lesson.samples[1].accuracy, network)) if config.stop_on == "accuracy" else None
    return fit(network, network, pruning, data, config, figure=figure, progress=progress, checkpoint=checkpoint)


def _arrays(sample: JetSample, targets: NDArray[np.float32]) -> Arrays:
    return sample.words, targets, np.ones(len(targets), np.float32)


def train_learned(
    lesson: Lesson, bits: LearnedBitsConfig, progress: Progress = SILENT, checkpoint: Checkpoint | None = None
) -> Student:
    """The best student within the limit of effective bit operations, settled on formats of its own.

    Each of the two trainings has a file beside `checkpoint` until both are done.

    Raises
    ------
    ConfigError
        If a number of `bits` is out of its range.
    DataError
        If no network is within the limit, or the loss is no number any more.
    """
    from l1ml.training.bits import learn_within

    schedule, task = _schedule(lesson.config, bits), _task(lesson, bits)
    seed_everything(lesson.config.seed)
    largest = lesson.largest if bits.whole_range else ()
    network = lesson.build(LearnedLayers(bits.granularity, bits.fractional, bits.rounding, largest, bits.initializer))
    found = learn_within(network, task, schedule, bits.limit, progress=progress, checkpoint=checkpoint)
    return Student(found.network, found.fit, found.bit_operations)


def _schedule(config: TaggerConfig, bits: LearnedBitsConfig) -> BitsConfig:
    from l1ml.training.bits import BitsConfig

    own = {item.name for item in fields(BitsConfig)} & {item.name for item in fields(LearnedBitsConfig)}
    given = {name: getattr(bits, name) for name in own}
    return BitsConfig(config.seed, config.epochs, batch_size=config.batch_size, learning_rate=config.learning_rate, **given)


def _task(lesson: Lesson, bits: LearnedBitsConfig) -> BitsTask:
    """What bits are learned for."""
    from l1ml.training.bits import BitsTask

    targets, loss, (train, validation) = lesson.targets, distillation_loss(lesson.config.distillation), lesson.samples

    def validation_loss(_classes: NDArray[np.int64], logits: Floats) -> float:
        return float(np.mean(np.asarray(loss(targets[1], logits))))

    def no_loss(classes: NDArray[np.int64], logits: Floats) -> float:
        return -validation_loss(classes, logits)

    quality = accuracy if bits.chosen_by == "accuracy" else no_loss
    return BitsTask(train.words, targets[0], (validation.words, validation.classes), loss, quality, validation_loss)
