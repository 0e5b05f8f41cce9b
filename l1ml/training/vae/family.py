"""The family ``vae``: from zero-bias crossings to a frozen encoder and its score."""

from __future__ import annotations

from l1ml._optional import require
from l1ml.data import Events
from l1ml.determinism import seed_everything
from l1ml.progress import SILENT, Progress
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.delivery import deliver
from l1ml.training.family import Family
from l1ml.training.fitting import Arrays, fit
from l1ml.training.pruning import Pruning
from l1ml.training.result import Training
from l1ml.training.sample import feature_shifts, make_sample, presence, split_sample, standardise
from l1ml.training.stopwatch import Stopwatch
from l1ml.training.vae.architecture import build_decoder, build_encoder, build_scorer
from l1ml.training.vae.config import VaeConfig
from l1ml.training.vae.loss import make_autoencoder

__all__ = ["FAMILY"]


class _Vae:
    """Variational autoencoder on zero-bias crossings."""

    name = "vae"
    config: type[VaeConfig] = VaeConfig

    def train(
        self, events: Events, config: VaeConfig, *, name: str, progress: Progress = SILENT, checkpoint: Checkpoint | None = None
    ) -> Training:
        """See `Family`."""
        watch, keras = Stopwatch(), require("keras")
        parts = split_sample(events, config.fractions)
        shifts = feature_shifts(parts[0].features(), presence(parts[0]))
        data = self._data(parts, config)
        seed_everything(config.seed)
        pruning = Pruning(config.sparsity, config.pruning_epochs)
        encoder = build_encoder(config, shifts, pruning.constraint)
        autoencoder = make_autoencoder(encoder, build_decoder(config, len(shifts)), beta=config.beta, seed=config.seed)
        autoencoder.compile(optimizer=keras.optimizers.Adam(config.learning_rate))
        found = fit(autoencoder, encoder, pruning, data, config, progress=progress, checkpoint=checkpoint)
        clean = build_encoder(config, shifts)
        clean.set_weights(encoder.get_weights())
        score = "sum of squared latent means"
        return deliver(build_scorer(clean), found, parts, config, name=name, family=self.name, score=score, watch=watch)

    @staticmethod
    def _data(parts: list[Events], config: VaeConfig) -> list[Arrays]:
        scale = standardise(parts[0], config.width_floor)
        return [make_sample(part, scale, config.angle_weight).arrays for part in parts[:2]]


FAMILY: Family = _Vae()
