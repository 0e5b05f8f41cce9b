"""Taggers: classifiers of jets, whose logits are words."""

from __future__ import annotations

from l1ml.training.tagger.config import LearnedBitsConfig, ReferenceConfig, TaggerConfig
from l1ml.training.tagger.distillation import DistillationConfig

__all__ = ["DistillationConfig", "LearnedBitsConfig", "ReferenceConfig", "TaggerConfig"]
