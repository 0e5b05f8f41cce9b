"""The two trainings of a contrastive model: the features first, then the autoencoder of what they have become."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data import Events
from l1ml.determinism import seed_everything
from l1ml.progress import Part, Progress
from l1ml.training.checkpoint import Checkpoint, State
from l1ml.training.contrastive.architecture import build_detector, build_extractor, build_projector
from l1ml.training.contrastive.collapse import refuse_collapse
from l1ml.training.contrastive.config import ContrastiveConfig
from l1ml.training.contrastive.loss import make_comparison
from l1ml.training.contrastive.views import draw_views
from l1ml.training.fitting import Arrays, Fit, fit
from l1ml.training.pruning import Pruning

__all__ = ["train_detector", "train_extractor"]

Weights = list[NDArray[np.float32]]
Numbers = Callable[[Any], Any]
"""From a quantised network to the one that is trained: itself, or its `float_twin`."""


def _as_built(network: Any) -> Any:
    return network


def train_extractor(
    parts: Sequence[Events],
    config: ContrastiveConfig,
    shifts: NDArray[np.int64],
    *,
    progress: Progress,
    checkpoint: Checkpoint | None = None,
    numbers: Numbers = _as_built,
) -> tuple[Weights, Fit]:
    """Weights of `build_extractor`, from train and validation crossings, and how they came about.

    `checkpoint` receives every epoch; a file beside it keeps the result for the second training. `numbers` makes of the network
    what is trained.

    Raises
    ------
    TrainingError
        If the loss is no number any more, or a feature has collapsed.
    """
    result = None if checkpoint is None else _result_file(checkpoint)
    kept = None if result is None else result.load()
    if kept is not None:
        return list(kept.arrays), Fit(**kept.facts)
    seed_everything(config.seed)
    pruning = Pruning(config.sparsity, config.pruning_epochs, config.pruning)
    extractor = numbers(build_extractor(config, shifts, pruning.constraint))
    terms = (config.invariance, config.variance, config.covariance)
    model = make_comparison(extractor, build_projector(config), weights=terms, seed=config.seed)
    model.compile(optimizer=_adam(config))
    rng = np.random.default_rng(config.seed)
    data = [_arrays(draw_views(part, config, rng), part, config.weight_power) for part in parts]
    epochs = None if checkpoint is None else replace(checkpoint, key=f"{checkpoint.key} features")
    found = fit(model, extractor, pruning, data, config, progress=Part(progress, "features"), checkpoint=epochs)
    formats = config.quantisation
    refuse_collapse(
        _features(extractor, parts[1], config), data[1][2], 2.0 ** (1 + formats.feature_integer - formats.feature_bits)
    )
    if result is not None:
        result.save(State({"losses": found.losses, "best_epoch": found.best_epoch}, extractor.get_weights()))
    return extractor.get_weights(), found


def train_detector(
    weights: Weights,
    parts: Sequence[Events],
    config: ContrastiveConfig,
    shifts: NDArray[np.int64],
    *,
    progress: Progress,
    checkpoint: Checkpoint | None = None,
    numbers: Numbers = _as_built,
) -> tuple[Weights, Fit]:
    """Weights of `build_detector` on the features of an extractor with `weights`, frozen; and how they came about.

    `numbers` is what `train_extractor` was given.

    Raises
    ------
    TrainingError
        If the loss is no number any more.
    """
    extractor = numbers(build_extractor(config, shifts))
    extractor.set_weights(weights)
    data = [_arrays(_features(extractor, part, config), part) for part in parts]
    seed_everything(config.seed)
    pruning = Pruning(config.sparsity, config.pruning_epochs, config.pruning)
    detector = numbers(build_detector(config, pruning.constraint))
    detector.compile(optimizer=_adam(config), loss=lambda target, score: (score - target) / config.features)
    epochs = None if checkpoint is None else replace(checkpoint, key=f"{checkpoint.key} detector")
    found = fit(detector, detector, pruning, data, config, progress=Part(progress, "detector"), checkpoint=epochs)
    if checkpoint is not None:
        _result_file(checkpoint).remove()
    return detector.get_weights(), found


def _result_file(checkpoint: Checkpoint) -> Checkpoint:
    """Where the weights of the features wait while the autoencoder is trained."""
    return checkpoint.beside("features")


def _features(extractor: Any, events: Events, config: ContrastiveConfig) -> NDArray[np.float32]:
    words = events.features().astype(np.float32)
    return np.asarray(extractor.predict(words, batch_size=config.batch_size, verbose=0))


def _adam(config: ContrastiveConfig) -> Any:
    return require("keras").optimizers.Adam(config.learning_rate)


def _arrays(inputs: NDArray[np.float32], events: Events, power: float = 1.0) -> Arrays:
    """Inputs, zeros, natural weights to a `power`, with mean one."""
    weight = events.weight**power
    return inputs, np.zeros((events.n, 1), np.float32), (weight / weight.mean()).astype(np.float32)
