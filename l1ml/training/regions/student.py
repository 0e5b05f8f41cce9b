"""The student: a convolution with a stride, a sum around phi, dense layers; every bit of it learned.

The convolution sees blocks of 2 x 2 regions, 9 around phi and 7 in eta, with one kernel; what it finds is added up around phi
before anything looks at it. So its score is the same, word for word, for a crossing that is turned by 40 degrees.
"""

from __future__ import annotations

from math import log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data.calo_regions import N_ETA, N_PHI
from l1ml.determinism import seed_everything
from l1ml.errors import ConfigError
from l1ml.progress import SILENT, Progress
from l1ml.training.bits import ActivationBits, BitsConfig, BitsTask, Limited, WeightBits, learn_within
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.regions.config import RegionsConfig
from l1ml.training.regions.teacher import COUNTS
from l1ml.training.tagger.config import LearnedBitsConfig

__all__ = ["BLOCK", "build_student", "train_student"]

BLOCK = 2
"""Regions in each direction that one position of the convolution sees."""

_COUNT_BITS = int(log2(COUNTS))
"""Bits behind the point that a scaled word has."""

Floats = NDArray[np.float32]


def build_student(config: RegionsConfig) -> Any:
    """Words (n, 252) -> score (n, 1), of learned bits."""
    keras, qkeras = require("keras"), require("qkeras")
    inputs = keras.Input((N_PHI * N_ETA,), name="words")
    scaled = keras.layers.Rescaling(1 / COUNTS, name="scale")(inputs)
    x = qkeras.QActivation(ActivationBits(False, "layer", _COUNT_BITS, _COUNT_BITS), name="grid")(scaled)
    x = keras.layers.Reshape((N_PHI, N_ETA, 1), name="image")(x)
    x = qkeras.QConv2D(config.filters, BLOCK, strides=BLOCK, name="blocks", **_weights(config))(x)
    x = keras.ops.sum(_rectified(x, "blocks_relu", config), axis=1)
    x = _rectified(keras.layers.Flatten(name="rings")(x), "rings_relu", config)
    for index, width in enumerate(config.hidden):
        x = qkeras.QDense(width, name=f"hidden_{index}", **_weights(config))(x)
        x = _rectified(x, f"relu_{index}", config)
    return keras.Model(inputs, qkeras.QDense(1, name="score", **_weights(config))(x), name="student")


def _rectified(x: Any, name: str, config: RegionsConfig) -> Any:
    """What is positive of `x`, with bits of each of its last axis."""
    return require("qkeras").QActivation(ActivationBits(False, "channel", _bits(config).fractional), name=name)(x)


def _weights(config: RegionsConfig) -> dict[str, Any]:
    bits = _bits(config)
    return {f"{which}_quantizer": WeightBits(bits.granularity, bits.fractional) for which in ("kernel", "bias")}


def _bits(config: RegionsConfig) -> LearnedBitsConfig:
    """How bits are learned.

    Raises
    ------
    ConfigError
        If the recipe says that they are not.
    """
    if config.bits is None:
        msg = "the student of the family 'regions' has learned bits and no others: write [training.bits]"
        raise ConfigError(msg)
    return config.bits


def train_student(
    config: RegionsConfig,
    samples: tuple[tuple[Floats, Floats], ...],
    *,
    progress: Progress = SILENT,
    checkpoint: Checkpoint | None = None,
) -> Limited:
    """The best student within the limit of effective bit operations, settled on formats of its own.

    Parameters
    ----------
    config : RegionsConfig
        Schedule, limit, architecture.
    samples : tuple of (ndarray, ndarray)
        Words (n, 252) and scores of the teacher (n, 1), to train on and to choose by.
    progress : Progress
        Told about epochs.
    checkpoint : Checkpoint, optional
        Each of the two trainings has a file beside it until both are done.

    Raises
    ------
    ConfigError
        If bits are not to be learned.
    DataError
        If no network is within the limit, or the loss is no number any more.
    """
    bits = _bits(config)
    prices = {name: getattr(bits, name) for name in ("warm_up", "first_price", "last_price", "bit_price", "settle_epochs")}
    schedule = BitsConfig(config.seed, config.epochs, batch_size=config.batch_size, learning_rate=config.learning_rate, **prices)
    seed_everything(config.seed)
    network = build_student(config)
    (words, scores), validation = samples
    task = BitsTask(words, scores, validation, "mse", _closeness, _distance)
    return learn_within(network, task, schedule, bits.limit, progress=progress, checkpoint=checkpoint)


def _distance(wanted: NDArray[Any], found: NDArray[np.floating[Any]]) -> float:
    """Mean squared difference of the scores."""
    return float(np.mean((wanted - found) ** 2))


def _closeness(wanted: NDArray[Any], found: NDArray[np.floating[Any]]) -> float:
    return -_distance(wanted, found)
