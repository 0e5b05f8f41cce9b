"""How a student learns its bits: it has the layers of trained scorers, begins as one, and ends at a fraction of its logic.

The scorers are those that end in `l1ml.training.layers.sum_of_squares`. What is learned is the network before the squares; its
loss is the squared difference of the logarithms of the scores (see `l1ml.training.imitation.target`), so that a threshold at a
high score is met as well, in proportion, as one at a low score.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.determinism import seed_everything
from l1ml.model.quantisers import read_quantiser
from l1ml.progress import SILENT, Progress
from l1ml.training.bits import ActivationBits, BitsConfig, BitsTask, WeightBits, learn_within
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.fitting import Fit
from l1ml.training.imitation.config import ImitationConfig
from l1ml.training.imitation.student import Student
from l1ml.training.imitation.target import explained, log_scores, mean_log_scores
from l1ml.training.layers import sum_of_squares
from l1ml.training.outputs import outputs_of

__all__ = ["imitate", "learning_copy"]

Floats = NDArray[np.float32]


def imitate(
    teachers: Sequence[Student],
    words: Sequence[Floats],
    config: ImitationConfig,
    *,
    seed: int,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> Student:
    """The student of `teachers`, whose scorers (words (n, n_features) -> score (n, 1)) end in a sum of squares.

    Its losses are those of the second training; those of the first one are called ``teacher_loss`` and so on, those of a second
    teacher ``teacher_2_loss``.

    Parameters
    ----------
    teachers : sequence of Student
        Trained; of formats of QKeras and of one architecture. The student begins as the first one.
    words : sequence of ndarray
        Those to train on, to choose by, and to be judged on.
    config : ImitationConfig
        Schedule and limit.
    seed : int
        Of batches.
    progress : Progress
        Told about epochs.
    checkpoint : Checkpoint, optional
        Each of the two stages has a file beside it until both are done.

    Raises
    ------
    ConfigError
        If a number of `config` is out of its range.
    DataError
        If no network is within the limit, or the loss is no number any more.
    """
    seed_everything(seed)
    first, scorers = teachers[0], [teacher.scorer for teacher in teachers]
    network = learning_copy(first.scorer, words[0], config)
    task, schedule = _task(scorers, words), _schedule(config, seed)
    found = learn_within(network, task, schedule, config.limit, progress=progress, checkpoint=checkpoint)
    roots = found.network
    scorer = require("keras").Model(roots.input, sum_of_squares(roots.output, trainable=False), name=first.scorer.name)
    likeness = explained(mean_log_scores(scorers, words[2]), log_scores(scorer, words[2]))
    figures = {"bit_operations": found.bit_operations, "explained": likeness}
    return Student(scorer, Fit(found.fit.losses | _before(teachers), found.fit.best_epoch), {**first.figures, **figures})


def _before(teachers: Sequence[Student]) -> dict[str, list[float]]:
    """Losses of `teachers` under names of their own."""
    prefixes = ["teacher_", *(f"teacher_{place}_" for place in range(2, len(teachers) + 1))]
    found = zip(prefixes, teachers, strict=True)
    return {prefix + name: curve for prefix, teacher in found for name, curve in teacher.fit.losses.items()}


def _schedule(config: ImitationConfig, seed: int) -> BitsConfig:
    names = ("epochs", "batch_size", "learning_rate", "warm_up", "first_price", "last_price", "bit_price", "settle_epochs")
    return BitsConfig(seed, **{name: getattr(config, name) for name in names})


def learning_copy(teacher: Any, words: Floats, config: ImitationConfig) -> Any:
    """What `teacher` squares, from layers of learned bits that begin with its weights and its formats.

    The first quantiser holds what it sees of `words` where it does not saturate, and nothing larger.
    """
    keras = require("keras")
    root = keras.Model(teacher.input, teacher.get_layer("squares").input[0])
    holds = _held(root, words, config)
    copy = keras.models.clone_model(root, clone_function=lambda layer: _learning(layer, config, holds))
    for layer in root.layers:
        if layer.weights:
            copy.get_layer(layer.name).kernel.assign(layer.kernel_quantizer_internal(layer.kernel))
            copy.get_layer(layer.name).bias.assign(layer.bias_quantizer_internal(layer.bias))
    return copy


def _held(root: Any, words: Floats, config: ImitationConfig) -> tuple[float, ...]:
    """Largest magnitude of each feature of the scaled `words`, where the first quantiser of `root` holds so much."""
    quantiser = root.get_layer("input_quantiser")
    form = read_quantiser(quantiser.activation, "input_quantiser")
    scaled = outputs_of(require("keras").Model(root.input, quantiser.input), words)
    largest = np.abs(scaled).max(axis=0)
    if config.rounding == "even":
        # the largest word may be rounded up to the next power of two
        largest = np.rint(largest * 2.0**form.fractional) * 2.0**-form.fractional
    seen = np.minimum(largest, form.max)
    return (float(seen.max()),) if config.granularity == "layer" else tuple(float(value) for value in seen)


def _learning(layer: Any, config: ImitationConfig, holds: tuple[float, ...]) -> Any:
    """`layer` with learned bits in place of its formats, as many as those have to begin with."""
    kind, qkeras = type(layer).__name__, require("qkeras")
    if kind == "QDense":
        given = {
            which: read_quantiser(getattr(layer, f"{which}_quantizer_internal"), layer.name).fractional
            for which in ("kernel", "bias")
        }
        bits = {f"{which}_quantizer": WeightBits(config.granularity, given[which]) for which in given}
        return qkeras.QDense(layer.units, name=layer.name, **bits)
    if kind == "QActivation":
        form = read_quantiser(layer.activation, layer.name)
        of = "layer" if config.granularity == "layer" else "channel"
        held = holds if layer.name == "input_quantiser" else ()
        bits = ActivationBits(bool(form.signed), of, form.fractional, rounding=config.rounding, holds=held)
        return qkeras.QActivation(bits, name=layer.name)
    return type(layer).from_config(layer.get_config())


def _task(teachers: Sequence[Any], words: Sequence[Floats]) -> BitsTask:
    wanted = [mean_log_scores(teachers, item) for item in words[:2]]

    def loss(target: Any, roots: Any) -> Any:
        ops = require("keras").ops
        return ops.square(ops.log2(1.0 + ops.sum(ops.square(roots), axis=-1, keepdims=True)) - target)

    return BitsTask(words[0], wanted[0], (words[1], wanted[1]), loss, _closeness, _distance, squared=True)


def _distance(wanted: NDArray[Any], roots: NDArray[np.floating[Any]]) -> float:
    """Mean squared difference of the logarithms of the scores."""
    return float(np.mean((wanted - np.log2(1.0 + np.square(roots).sum(axis=-1, keepdims=True))) ** 2))


def _closeness(wanted: NDArray[Any], roots: NDArray[np.floating[Any]]) -> float:
    return -_distance(wanted, roots)
