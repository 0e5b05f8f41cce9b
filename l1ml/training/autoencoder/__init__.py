"""Autoencoders: encoder and decoder in firmware, the error of the reconstruction as the score."""

from __future__ import annotations

from l1ml.training.autoencoder.config import AutoencoderConfig, AutoencoderFormats

__all__ = ["AutoencoderConfig", "AutoencoderFormats"]
