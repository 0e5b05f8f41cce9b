"""Words to features, features to their reconstruction, and the squared error of it: the newest AXOL1TL generations.

cms-hls4ml/AXOL1TL v5 and v6 have 57-29-10 and 10-9-6-4-6-9-10, and the score sum(diff**2).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.training.contrastive.config import ContrastiveConfig
from l1ml.training.layers import Constraint, dense, hidden_layers, quantised, scaled_words, sum_of_squares

__all__ = ["build_detector", "build_extractor", "build_projector", "build_scorer"]


def build_extractor(config: ContrastiveConfig, shifts: NDArray[np.int64], constraint: Constraint = None) -> Any:
    """Words (n, n_features) -> features (n, config.features), every number on a grid.

    Parameters
    ----------
    config : ContrastiveConfig
        Widths and formats.
    shifts : ndarray of int64, shape (n_features,)
        Powers of two by which the words are scaled down.
    constraint : callable, optional
        Makes the Keras constraint of each kernel from its layer name; used for pruning.
    """
    formats = config.quantisation
    inputs, x = scaled_words(formats, shifts)
    x = hidden_layers(x, config.hidden, formats, constraint)
    x = dense(formats, config.features, "feature_words", constraint)(x)
    features = quantised(x, formats.feature_bits, formats.feature_integer, "features")
    return require("keras").Model(inputs, features, name="extractor")


def build_projector(config: ContrastiveConfig) -> Any:
    """Float layers on which the loss of the features is computed: features -> embedding (n, last width)."""
    keras = require("keras")
    x = inputs = keras.Input((config.features,), name="of_features")
    for width in config.projector[:-1]:
        x = keras.layers.Dense(width, activation="relu")(x)
    if config.projector:
        x = keras.layers.Dense(config.projector[-1])(x)
    return keras.Model(inputs, x, name="projector")


def build_detector(config: ContrastiveConfig, constraint: Constraint = None) -> Any:
    """The autoencoder by itself: features (n, config.features) -> sum of squared differences (n, 1)."""
    keras = require("keras")
    inputs = keras.Input((config.features,), name="of_extractor")
    return keras.Model(inputs, _score(inputs, config, constraint), name="detector")


def build_scorer(config: ContrastiveConfig, shifts: NDArray[np.int64]) -> Any:
    """What goes into firmware: words (n, n_features) -> sum of squared differences (n, 1).

    Its weights are those of `build_extractor`, then those of `build_detector`.
    """
    extractor = build_extractor(config, shifts)
    return require("keras").Model(extractor.input, _score(extractor.output, config, None), name="scorer")


def _score(features: Any, config: ContrastiveConfig, constraint: Constraint) -> Any:
    """Squared error of the reconstruction of `features`; the sum has fewer than 24 bits, so that float32 computes it exactly."""
    keras, formats = require("keras"), config.quantisation
    x = hidden_layers(features, config.encoder, formats, constraint, prefix="encoder_")
    x = dense(formats, config.latent, "latent_words", constraint)(x)
    x = quantised(x, formats.latent_bits, formats.latent_integer, "latent")
    x = hidden_layers(x, config.decoder, formats, constraint, prefix="decoder_")
    x = dense(formats, config.features, "reconstruction_words", constraint)(x)
    reconstruction = quantised(x, formats.feature_bits, formats.feature_integer, "reconstruction")
    difference = keras.layers.Subtract(name="subtraction")([features, reconstruction])
    difference = quantised(difference, formats.difference_bits, formats.difference_integer, "difference")
    # the ones of the sum are part of what is trained here, and stay ones
    return sum_of_squares(difference, trainable=False)
