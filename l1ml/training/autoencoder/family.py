"""The family ``autoencoder``: what is trained is what goes into firmware, its score is its loss."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data import Events
from l1ml.determinism import seed_everything
from l1ml.progress import SILENT, Progress
from l1ml.training.autoencoder.architecture import build_scorer, places_of
from l1ml.training.autoencoder.config import AutoencoderConfig
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.family import Family
from l1ml.training.fitting import Arrays, Fit, fit
from l1ml.training.float_twin import float_twin
from l1ml.training.imitation.handover import hand_over
from l1ml.training.imitation.student import Student
from l1ml.training.imitation.teachers import Course
from l1ml.training.layers import Constraint
from l1ml.training.pruning import Pruning
from l1ml.training.result import Training
from l1ml.training.sample import feature_shifts, presence, split_sample
from l1ml.training.stand_in_signals import stand_in_figure
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
        watch, parts = Stopwatch(), split_sample(events, config.fractions)
        course = Course(partial(_trained, parts), partial(_scorer, parts[0], config))
        told = {"name": name, "family": self.name, "score": SCORE}
        return hand_over(course, parts, config, config.bits, **told, watch=watch, progress=progress, checkpoint=checkpoint)

    def float_scorer(self, events: Events, config: AutoencoderConfig, *, progress: Progress = SILENT) -> Any:
        """See `HasFloatTwin`."""
        parts = split_sample(events, config.fractions)
        seed_everything(config.seed)
        scorer = float_twin(_scorer(parts[0], config))
        _fit(scorer, Pruning(0.0, 0), parts, config, progress=progress)
        return scorer


def _trained(parts: Sequence[Events], config: AutoencoderConfig, *, progress: Progress, checkpoint: Checkpoint | None) -> Student:
    """The scorer of fixed formats that `config` gives."""
    pruning = Pruning(config.sparsity, config.pruning_epochs, config.pruning)
    seed_everything(config.seed)
    scorer = _scorer(parts[0], config, pruning.constraint)
    found = _fit(scorer, pruning, parts, config, progress=progress, checkpoint=checkpoint)
    clean = _scorer(parts[0], config)
    clean.set_weights(scorer.get_weights())
    return Student(clean, found)


def _scorer(train: Events, config: AutoencoderConfig, constraint: Constraint = None) -> Any:
    """An untrained scorer, scaled for the crossings `train`."""
    shifts = feature_shifts(train.features(), presence(train))
    return build_scorer(config, shifts, places_of(train.schema, config), constraint)


def _fit(
    scorer: Any,
    pruning: Pruning,
    parts: Sequence[Events],
    config: AutoencoderConfig,
    *,
    progress: Progress,
    checkpoint: Checkpoint | None = None,
) -> Fit:
    """Train `scorer` on the first of `parts`; the second one says when to stop."""
    loss = _mean_error(len(places_of(parts[0].schema, config)))
    scorer.compile(optimizer=require("keras").optimizers.Adam(config.learning_rate), loss=loss)
    data = [_arrays(part) for part in parts[:2]]
    figure = stand_in_figure(config.stop_on, parts[1], partial(_scores, scorer), config.seed)
    return fit(scorer, scorer, pruning, data, config, figure=figure, progress=progress, checkpoint=checkpoint)


def _scores(scorer: Any, words: NDArray[np.float32]) -> NDArray[np.float32]:
    # one batch, and so one graph for all epochs
    return np.asarray(scorer.predict(words, batch_size=len(words), verbose=0))[:, 0]


def _mean_error(n_places: int) -> Any:
    """Loss of a score: the squared error of each feature; nothing is aimed at but zero."""
    return lambda target, score: (score - target) / n_places


def _arrays(events: Events) -> Arrays:
    """Words, zeros, natural weights with mean one."""
    weight = (events.weight / events.weight.mean()).astype(np.float32)
    return events.features().astype(np.float32), np.zeros((events.n, 1), np.float32), weight


FAMILY: Family = _Autoencoder()
