"""The family ``double_autoencoder``: two scores that are large for what is strange, and independent for what is not.

Mikuni, Nachman and Shih, arXiv:2111.06417: with two such scores the background of a selection by both follows from the crossings
that fail one of them or both, see `l1ml.trigger.abcd`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.data import Events
from l1ml.determinism import seed_everything
from l1ml.progress import SILENT, Progress
from l1ml.training.autoencoder.architecture import places_of, reconstruction_score
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.delivery import deliver
from l1ml.training.distance_correlation import distance_correlation_squared
from l1ml.training.double.config import DoubleConfig
from l1ml.training.double.loss import double_loss, whole_batches
from l1ml.training.family import Family
from l1ml.training.fitting import Fit, fit
from l1ml.training.float_twin import float_twin
from l1ml.training.layers import Constraint, scaled_words
from l1ml.training.pruning import Pruning
from l1ml.training.result import Training
from l1ml.training.sample import feature_shifts, presence, split_sample
from l1ml.training.stopwatch import Stopwatch

__all__ = ["FAMILY"]

SCORE = "of each of two autoencoders the sum of squared differences between the scaled words and their reconstruction"


class _DoubleAutoencoder:
    """Two autoencoders on zero-bias crossings, trained together."""

    name = "double_autoencoder"
    config: type[DoubleConfig] = DoubleConfig

    def train(
        self,
        events: Events,
        config: DoubleConfig,
        *,
        name: str,
        progress: Progress = SILENT,
        checkpoint: Checkpoint | None = None,
    ) -> Training:
        """See `Family`."""
        watch, parts = Stopwatch(), split_sample(events, config.fractions)
        seed_everything(config.seed)
        pruning = Pruning(config.sparsity, config.pruning_epochs, config.pruning)
        trained = _scorer(parts[0], config, pruning.constraint)
        found = _fit(trained, pruning, parts, config, progress=progress, checkpoint=checkpoint)
        clean = _scorer(parts[0], config)
        clean.set_weights(trained.get_weights())
        figures = {"distance_correlation_squared": _distance_correlation(clean, parts[2])}
        return deliver(clean, found, parts, config, name=name, family=self.name, score=SCORE, watch=watch, figures=figures)

    def float_scorer(self, events: Events, config: DoubleConfig, *, progress: Progress = SILENT) -> Any:
        """See `HasFloatTwin`."""
        parts = split_sample(events, config.fractions)
        seed_everything(config.seed)
        scorer = float_twin(_scorer(parts[0], config))
        _fit(scorer, Pruning(0.0, 0), parts, config, progress=progress)
        return scorer


def _scorer(train: Events, config: DoubleConfig, constraint: Constraint = None) -> Any:
    """Both autoencoders, untrained, scaled for the crossings `train`: words (n, n_features) -> scores (n, 2)."""
    keras, places = require("keras"), places_of(train.schema, config)
    inputs, scaled = scaled_words(config.quantisation, feature_shifts(train.features(), presence(train)))
    scores = [reconstruction_score(scaled, config, places, constraint, prefix=prefix) for prefix in ("first_", "second_")]
    return keras.Model(inputs, keras.layers.Concatenate(name="scores")(scores), name="scorer")


def _fit(
    scorer: Any,
    pruning: Pruning,
    parts: Sequence[Events],
    config: DoubleConfig,
    *,
    progress: Progress,
    checkpoint: Checkpoint | None = None,
) -> Fit:
    """Train `scorer` on the first of `parts`; the second one says when to stop."""
    optimizers, loss = require("keras").optimizers, double_loss(config, len(places_of(parts[0].schema, config)))
    data = [whole_batches(part, config.batch_size) for part in parts[:2]]
    n_steps = config.epochs * len(data[0][0]) // config.batch_size
    rate = optimizers.schedules.CosineDecay(config.learning_rate, n_steps, alpha=0.05)
    scorer.compile(optimizer=optimizers.Adam(rate), loss=loss)
    return fit(scorer, scorer, pruning, data, config, progress=progress, checkpoint=checkpoint)


def _distance_correlation(scorer: Any, events: Events) -> float:
    """Squared distance correlation of both scores of `events`, which the training has not seen."""
    scores = scorer.predict(events.features().astype(np.float32), verbose=0)
    return float(distance_correlation_squared(scores[:, 0], scores[:, 1], events.weight.astype(np.float32)))


FAMILY: Family = _DoubleAutoencoder()
