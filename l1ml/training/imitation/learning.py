"""How a student learns its bits: it has the layers of a trained scorer, begins as that, and ends at a fraction of its logic.

The scorers are those that end in `l1ml.training.layers.sum_of_squares`. What is learned is the network before the squares; its
loss is the squared difference of the logarithms of both scores, so that a threshold at a high score is met as well, in
proportion, as one at a low score.
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
from l1ml.training.layers import sum_of_squares
from l1ml.training.outputs import outputs_of

__all__ = ["imitate", "learning_copy"]

Floats = NDArray[np.float32]


def imitate(
    teacher: Student,
    words: Sequence[Floats],
    config: ImitationConfig,
    *,
    seed: int,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> Student:
    """The student of `teacher`, whose scorer (words (n, n_features) -> score (n, 1)) ends in a sum of squares.

    Its losses are those of the second training; those of the first one are called ``teacher_loss`` and so on.

    Parameters
    ----------
    teacher : Student
        Trained; of formats of QKeras.
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
    network = learning_copy(teacher.scorer, words[0], config)
    task, schedule = _task(teacher.scorer, words), _schedule(config, seed)
    found = learn_within(network, task, schedule, config.limit, progress=progress, checkpoint=checkpoint)
    roots = found.network
    scorer = require("keras").Model(roots.input, sum_of_squares(roots.output, trainable=False), name=teacher.scorer.name)
    figures = {"bit_operations": found.bit_operations, **_likeness(teacher.scorer, scorer, words[2])}
    before = {f"teacher_{name}": curve for name, curve in teacher.fit.losses.items()}
    return Student(scorer, Fit(found.fit.losses | before, found.fit.best_epoch), {**teacher.figures, **figures})


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


def _task(teacher: Any, words: Sequence[Floats]) -> BitsTask:
    wanted = [_log_scores(teacher, item) for item in words[:2]]

    def loss(target: Any, roots: Any) -> Any:
        ops = require("keras").ops
        return ops.square(ops.log2(1.0 + ops.sum(ops.square(roots), axis=-1, keepdims=True)) - target)

    return BitsTask(words[0], wanted[0], (words[1], wanted[1]), loss, _closeness, _distance, squared=True)


def _log_scores(scorer: Any, words: Floats) -> Floats:
    return np.asarray(np.log2(1.0 + outputs_of(scorer, words)), np.float32)


def _distance(wanted: NDArray[Any], roots: NDArray[np.floating[Any]]) -> float:
    """Mean squared difference of the logarithms of the scores."""
    return float(np.mean((wanted - np.log2(1.0 + np.square(roots).sum(axis=-1, keepdims=True))) ** 2))


def _closeness(wanted: NDArray[Any], roots: NDArray[np.floating[Any]]) -> float:
    return -_distance(wanted, roots)


def _likeness(teacher: Any, student: Any, words: Floats) -> dict[str, float]:
    """Share of the variance of the logarithm of the teacher's score that the student explains, of `words` all alike."""
    wanted, found = (_log_scores(scorer, words) for scorer in (teacher, student))
    return {"explained": float(1 - np.mean((wanted - found) ** 2) / np.var(wanted))}
