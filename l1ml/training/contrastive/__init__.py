"""Self-supervised features of a crossing, and a small autoencoder of them: both in firmware, its error is the score."""

from __future__ import annotations

from l1ml.training.contrastive.config import ContrastiveConfig, ContrastiveFormats

__all__ = ["ContrastiveConfig", "ContrastiveFormats"]
