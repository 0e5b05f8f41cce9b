"""The family ``vae``: from zero-bias crossings to a frozen encoder and its score."""

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
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.family import Family
from l1ml.training.fitting import Fit, fit
from l1ml.training.float_twin import float_twin
from l1ml.training.imitation.handover import hand_over
from l1ml.training.imitation.student import Student
from l1ml.training.imitation.teachers import Course
from l1ml.training.pruning import Pruning
from l1ml.training.result import Training
from l1ml.training.sample import feature_shifts, make_sample, presence, split_sample, standardise
from l1ml.training.stand_in_signals import stand_in_figure
from l1ml.training.stopwatch import Stopwatch
from l1ml.training.vae.architecture import build_decoder, build_encoder, build_scorer
from l1ml.training.vae.config import VaeConfig
from l1ml.training.vae.loss import make_autoencoder

__all__ = ["FAMILY"]

SCORE = "sum of squared latent means"


class _Vae:
    """Variational autoencoder on zero-bias crossings."""

    name = "vae"
    config: type[VaeConfig] = VaeConfig

    def train(
        self, events: Events, config: VaeConfig, *, name: str, progress: Progress = SILENT, checkpoint: Checkpoint | None = None
    ) -> Training:
        """See `Family`."""
        watch, parts = Stopwatch(), split_sample(events, config.fractions)
        shifts = feature_shifts(parts[0].features(), presence(parts[0]))
        course = Course(partial(_trained, parts, shifts), lambda: build_scorer(build_encoder(config, shifts)))
        told = {"name": name, "family": self.name, "score": SCORE}
        return hand_over(course, parts, config, config.bits, **told, watch=watch, progress=progress, checkpoint=checkpoint)

    def float_scorer(self, events: Events, config: VaeConfig, *, progress: Progress = SILENT) -> Any:
        """See `HasFloatTwin`."""
        parts = split_sample(events, config.fractions)
        shifts = feature_shifts(parts[0].features(), presence(parts[0]))
        seed_everything(config.seed)
        encoder = float_twin(build_encoder(config, shifts))
        _fit(encoder, Pruning(0.0, 0), parts, config, progress=progress)
        return build_scorer(encoder)


def _trained(
    parts: Sequence[Events],
    shifts: NDArray[np.int64],
    config: VaeConfig,
    *,
    progress: Progress,
    checkpoint: Checkpoint | None,
) -> Student:
    """The scorer of fixed formats that `config` gives."""
    pruning = Pruning(config.sparsity, config.pruning_epochs, config.pruning)
    seed_everything(config.seed)
    encoder = build_encoder(config, shifts, pruning.constraint)
    found = _fit(encoder, pruning, parts, config, progress=progress, checkpoint=checkpoint)
    clean = build_encoder(config, shifts)
    clean.set_weights(encoder.get_weights())
    return Student(build_scorer(clean), found)


def _fit(
    encoder: Any,
    pruning: Pruning,
    parts: Sequence[Events],
    config: VaeConfig,
    *,
    progress: Progress,
    checkpoint: Checkpoint | None = None,
) -> Fit:
    """Train `encoder` with a decoder on the first of `parts`; the second one says when to stop."""
    scale = standardise(parts[0], config.width_floor)
    data = [make_sample(part, scale, config.angle_weight).arrays for part in parts[:2]]
    decoder = build_decoder(config, len(parts[0].schema.features))
    autoencoder = make_autoencoder(encoder, decoder, beta=config.beta, seed=config.seed)
    autoencoder.compile(optimizer=require("keras").optimizers.Adam(config.learning_rate))
    figure = stand_in_figure(config.stop_on, parts[1], partial(_scores, encoder), config.seed)
    return fit(autoencoder, encoder, pruning, data, config, figure=figure, progress=progress, checkpoint=checkpoint)


def _scores(encoder: Any, words: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums of squared latent means."""
    # one batch, and so one graph for all epochs
    mean, _ = encoder.predict(words, batch_size=len(words), verbose=0)
    return np.asarray((mean**2).sum(axis=1))


FAMILY: Family = _Vae()
