"""The family ``autoencoder``: what is trained is what goes into firmware, its score is its loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from l1ml._optional import require
from l1ml.data import Events
from l1ml.determinism import seed_everything
from l1ml.progress import SILENT, Progress
from l1ml.training.autoencoder.architecture import build_scorer, places_of
from l1ml.training.autoencoder.config import AutoencoderConfig
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.delivery import deliver
from l1ml.training.family import Family
from l1ml.training.fitting import Arrays, fit
from l1ml.training.pruning import Pruning
from l1ml.training.result import Training
from l1ml.training.sample import feature_shifts, presence, split_sample
from l1ml.training.stopwatch import Stopwatch

__all__ = ["FAMILY"]

SCORE = "sum of squared differences between the scaled words and their reconstruction"


class _Autoencoder:
    """Autoencoder on zero-bias crossings."""

    name = "autoencoder"
    config: type[AutoencoderConfig] = AutoencoderConfig

    def train(
        self,
        events: Events,
        config: AutoencoderConfig,
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
        seed_everything(config.seed)
        pruning = Pruning(config.sparsity, config.pruning_epochs)
        scorer = build_scorer(config, shifts, places, pruning.constraint)
        scorer.compile(optimizer=keras.optimizers.Adam(config.learning_rate), loss=_mean_error(len(places)))
        found = fit(
            scorer, scorer, pruning, [_arrays(part) for part in parts[:2]], config, progress=progress, checkpoint=checkpoint
        )
        clean = build_scorer(config, shifts, places)
        clean.set_weights(scorer.get_weights())
        return deliver(clean, found, parts, config, name=name, family=self.name, score=SCORE, watch=watch)


def _mean_error(n_places: int) -> Any:
    """Loss of a score: the squared error of each feature; nothing is aimed at but zero."""
    return lambda target, score: (score - target) / n_places


def _arrays(events: Events) -> Arrays:
    """Words, zeros, natural weights with mean one."""
    weight = (events.weight / events.weight.mean()).astype(np.float32)
    return events.features().astype(np.float32), np.zeros((events.n, 1), np.float32), weight


FAMILY: Family = _Autoencoder()
