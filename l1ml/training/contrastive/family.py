"""The family ``contrastive``: features that two views of a crossing share, and how badly an autoencoder knows them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from l1ml.data import Events
from l1ml.progress import SILENT, Progress
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.contrastive.architecture import build_scorer
from l1ml.training.contrastive.config import ContrastiveConfig
from l1ml.training.contrastive.stages import train_detector, train_extractor
from l1ml.training.delivery import deliver
from l1ml.training.family import Family
from l1ml.training.float_twin import float_twin
from l1ml.training.result import Training
from l1ml.training.sample import feature_shifts, presence, split_sample
from l1ml.training.stopwatch import Stopwatch

__all__ = ["FAMILY"]

SCORE = "sum of squared differences between the features of a crossing and their reconstruction"


class _Contrastive:
    """Features without labels and an autoencoder of them, on zero-bias crossings."""

    name = "contrastive"
    config: type[ContrastiveConfig] = ContrastiveConfig

    def train(
        self,
        events: Events,
        config: ContrastiveConfig,
        *,
        name: str,
        progress: Progress = SILENT,
        checkpoint: Checkpoint | None = None,
    ) -> Training:
        """See `Family`; the losses of the features are called ``features_loss`` and ``features_val_loss``."""
        watch = Stopwatch()
        parts = split_sample(events, config.fractions)
        shifts = feature_shifts(parts[0].features(), presence(parts[0]))
        extractor, features = train_extractor(parts[:2], config, shifts, progress=progress, checkpoint=checkpoint)
        detector, found = train_detector(extractor, parts[:2], config, shifts, progress=progress, checkpoint=checkpoint)
        scorer = build_scorer(config, shifts)
        scorer.set_weights([*extractor, *detector])
        losses = {**found.losses, **{f"features_{key}": curve for key, curve in features.losses.items()}}
        found = replace(found, losses=losses)
        return deliver(scorer, found, parts, config, name=name, family=self.name, score=SCORE, watch=watch)

    def float_scorer(self, events: Events, config: ContrastiveConfig, *, progress: Progress = SILENT) -> Any:
        """See `HasFloatTwin`: features and the autoencoder of them, both in floats."""
        parts = split_sample(events, config.fractions)[:2]
        shifts, dense = feature_shifts(parts[0].features(), presence(parts[0])), replace(config, sparsity=0.0)
        extractor, _ = train_extractor(parts, dense, shifts, progress=progress, numbers=float_twin)
        detector, _ = train_detector(extractor, parts, dense, shifts, progress=progress, numbers=float_twin)
        scorer = float_twin(build_scorer(config, shifts))
        scorer.set_weights([*extractor, *detector])
        return scorer


FAMILY: Family = _Contrastive()
