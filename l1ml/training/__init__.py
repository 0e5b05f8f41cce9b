"""Quantised autoencoders trained in QKeras. Needs the extra ``train``; the framework is imported when training starts."""

from __future__ import annotations

from l1ml.training.config import QuantisationConfig, TrainingConfig
from l1ml.training.trainer import Training, train

__all__ = ["QuantisationConfig", "Training", "TrainingConfig", "train"]
