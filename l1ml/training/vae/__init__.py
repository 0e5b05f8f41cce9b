"""Variational autoencoders: a quantised encoder in firmware, the sum of squared latent means as the score."""

from __future__ import annotations

from l1ml.training.vae.config import VaeConfig

__all__ = ["VaeConfig"]
