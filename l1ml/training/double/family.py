"""The family ``double_autoencoder``: two scores that are large for what is strange, and independent for what is not.

Mikuni, Nachman and Shih, arXiv:2111.06417: with two such scores the background of a selection by both follows from the crossings
that fail one of them or both, see `l1ml.trigger.abcd`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data import Events
from l1ml.determinism import seed_everything
from l1ml.progress import SILENT, Progress
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.delivery import deliver
from l1ml.training.distance_correlation import distance_correlation_squared
from l1ml.training.double.architecture import build_errors, error_fractional, scored_places
from l1ml.training.double.config import DoubleConfig
from l1ml.training.double.loss import double_loss, whole_batches
from l1ml.training.double.sharing_layers import shared_scores
from l1ml.training.double.sharing_tables import SharingTables
from l1ml.training.family import Family
from l1ml.training.fitting import Fit, fit
from l1ml.training.float_twin import float_twin
from l1ml.training.pruning import Pruning
from l1ml.training.result import Training
from l1ml.training.sample import split_sample
from l1ml.training.stopwatch import Stopwatch

__all__ = ["FAMILY"]

SCORE = "of each of two autoencoders the sum of squared differences between the scaled words and their reconstruction"
SHARED = "rarity of the reconstruction errors of two autoencoders, shared out between two independent scores"

_PREDICTED = 8192
"""Crossings whose scores are computed at a time."""


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
        trained = build_errors(parts[0], config, pruning.constraint)
        found = _fit(trained, pruning, parts, config, progress=progress, checkpoint=checkpoint)
        clean = build_errors(parts[0], config)
        clean.set_weights(trained.get_weights())
        scorer = _shared(clean, parts, config)
        figures = {"distance_correlation_squared": _distance_correlation(scorer, parts[2])}
        score = SHARED if config.sharing else SCORE
        return deliver(scorer, found, parts, config, name=name, family=self.name, score=score, watch=watch, figures=figures)

    def float_scorer(self, events: Events, config: DoubleConfig, *, progress: Progress = SILENT) -> Any:
        """See `HasFloatTwin`."""
        parts = split_sample(events, config.fractions)
        seed_everything(config.seed)
        errors = float_twin(build_errors(parts[0], config))
        _fit(errors, Pruning(0.0, 0), parts, config, progress=progress)
        return _shared(errors, parts, config)


def _shared(errors: Any, parts: Sequence[Events], config: DoubleConfig) -> Any:
    """The trained network `errors`, and behind it, where asked for, tables fitted to all that is not there for tests."""
    if config.sharing is None:
        return errors
    fractional = error_fractional(config)
    values = np.concatenate([_predicted(errors, part) for part in parts[:2]])
    words = np.rint(values.astype(np.float64) * 2.0**fractional).astype(np.int64)
    tables = SharingTables.fit(words, np.concatenate([part.weight for part in parts[:2]]), config.sharing)
    return require("keras").Model(errors.input, shared_scores(errors.output, fractional, tables), name="scorer")


def _predicted(network: Any, events: Events) -> NDArray[np.float32]:
    return np.asarray(network.predict(events.features().astype(np.float32), batch_size=_PREDICTED, verbose=0))


def _fit(
    scorer: Any,
    pruning: Pruning,
    parts: Sequence[Events],
    config: DoubleConfig,
    *,
    progress: Progress,
    checkpoint: Checkpoint | None = None,
) -> Fit:
    """Train `scorer`, words -> errors, on the first of `parts`; the second one says when to stop."""
    optimizers, loss = require("keras").optimizers, double_loss(config, max(map(len, scored_places(config))))
    data = [whole_batches(part, config.batch_size) for part in parts[:2]]
    n_steps = config.epochs * len(data[0][0]) // config.batch_size
    rate = optimizers.schedules.CosineDecay(config.learning_rate, n_steps, alpha=0.05)
    scorer.compile(optimizer=optimizers.Adam(rate), loss=loss)
    return fit(scorer, scorer, pruning, data, config, progress=progress, checkpoint=checkpoint)


def _distance_correlation(scorer: Any, events: Events) -> float:
    """Squared distance correlation of both scores of `events`, which the training has not seen."""
    scores = _predicted(scorer, events)
    return float(distance_correlation_squared(scores[:, 0], scores[:, 1], events.weight.astype(np.float32)))


FAMILY: Family = _DoubleAutoencoder()
