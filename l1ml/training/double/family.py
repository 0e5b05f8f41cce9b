"""The family ``double_autoencoder``: two scores that are large for what is strange, and independent for what is not.

Mikuni, Nachman and Shih, arXiv:2111.06417: with two such scores the background of a selection by both follows from the crossings
that fail one of them or both, see `l1ml.trigger.abcd`.
"""

from __future__ import annotations

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
from l1ml.training.fitting import fit
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
        watch, keras = Stopwatch(), require("keras")
        parts = split_sample(events, config.fractions)
        shifts = feature_shifts(parts[0].features(), presence(parts[0]))
        places = places_of(events.schema, config)

        def scorer(constraint: Constraint = None) -> Any:
            inputs, scaled = scaled_words(config.quantisation, shifts)
            scores = [reconstruction_score(scaled, config, places, constraint, prefix=prefix) for prefix in ("first_", "second_")]
            return keras.Model(inputs, keras.layers.Concatenate(name="scores")(scores), name="scorer")

        seed_everything(config.seed)
        pruning = Pruning(config.sparsity, config.pruning_epochs)
        trained = scorer(pruning.constraint)
        data = [whole_batches(part, config.batch_size) for part in parts[:2]]
        n_steps = config.epochs * len(data[0][0]) // config.batch_size
        optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(config.learning_rate, n_steps, alpha=0.05))
        trained.compile(optimizer=optimizer, loss=double_loss(config, len(places)))
        found = fit(trained, trained, pruning, data, config, progress=progress, checkpoint=checkpoint)
        clean = scorer()
        clean.set_weights(trained.get_weights())
        figures = {"distance_correlation_squared": _distance_correlation(clean, parts[2])}
        return deliver(clean, found, parts, config, name=name, family=self.name, score=SCORE, watch=watch, figures=figures)


def _distance_correlation(scorer: Any, events: Events) -> float:
    """Squared distance correlation of both scores of `events`, which the training has not seen."""
    scores = scorer.predict(events.features().astype(np.float32), verbose=0)
    return float(distance_correlation_squared(scores[:, 0], scores[:, 1], events.weight.astype(np.float32)))


FAMILY: Family = _DoubleAutoencoder()
