"""The variational autoencoder: a quantised encoder that goes into firmware, a float decoder that does not.

Kingma and Welling, arXiv:1312.6114, with the sum of squared latent means as the anomaly score (Govorkova et al.,
arXiv:2108.03986), which needs neither the decoder nor the variances in firmware.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.training.layers import Constraint, dense, hidden_layers, quantised, scaled_words, sum_of_squares
from l1ml.training.vae.config import VaeConfig

__all__ = ["build_decoder", "build_encoder", "build_scorer"]


def build_encoder(config: VaeConfig, shifts: NDArray[np.int64], constraint: Constraint = None) -> Any:
    """Quantised encoder: words (n, n_features) -> [latent means (n, latent), last hidden activations].

    Parameters
    ----------
    config : VaeConfig
        Widths and formats.
    shifts : ndarray of int64, shape (n_features,)
        Powers of two by which the words are scaled down.
    constraint : callable, optional
        Makes the Keras constraint of each kernel from its layer name; used for pruning.
    """
    formats = config.quantisation
    inputs, x = scaled_words(formats, shifts)
    x = hidden_layers(x, config.hidden, formats, constraint)
    mean = dense(formats, config.latent, "mean", constraint)(x)
    latent = quantised(mean, formats.latent_bits, formats.latent_integer, "latent")
    return require("keras").Model(inputs, [latent, x], name="encoder")


def build_decoder(config: VaeConfig, n_features: int) -> Any:
    """Float decoder: latent sample (n, latent) -> standardised features (n, n_features)."""
    keras = require("keras")
    x = inputs = keras.Input((config.latent,), name="sample")
    for width in config.decoder:
        x = keras.layers.Dense(width, activation="relu")(x)
    return keras.Model(inputs, keras.layers.Dense(n_features)(x), name="decoder")


def build_scorer(encoder: Any) -> Any:
    """What goes into firmware: words (n, n_features) -> sum of squared latent means (n, 1)."""
    return require("keras").Model(encoder.input, sum_of_squares(encoder.get_layer("latent").output), name="scorer")
