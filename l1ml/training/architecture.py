"""The variational autoencoder: a quantised encoder that goes into firmware, a float decoder that does not.

Kingma and Welling, arXiv:1312.6114, with the sum of squared latent means as the anomaly score (Govorkova et al.,
arXiv:2108.03986), which needs neither the decoder nor the variances in firmware.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.training.config import TrainingConfig

__all__ = ["build_decoder", "build_encoder", "build_scorer"]


def build_encoder(config: TrainingConfig, shifts: NDArray[np.int64], constraint: Any = None) -> Any:
    """Quantised encoder: words (n, n_features) -> [latent means (n, latent), last hidden activations].

    Parameters
    ----------
    config : TrainingConfig
        Widths and formats.
    shifts : ndarray of int64, shape (n_features,)
        Powers of two by which the words are scaled down.
    constraint : callable, optional
        Makes the Keras constraint of each kernel from its layer name; used for pruning.
    """
    keras, qkeras = require("keras"), require("qkeras")
    q = config.quantisation
    inputs = keras.Input((len(shifts),), name="words")
    x = keras.layers.Rescaling([float(2.0**-shift) for shift in shifts], name="shift")(inputs)
    x = qkeras.QActivation(qkeras.quantized_bits(q.input_bits, q.input_integer, alpha=1), name="input_quantiser")(x)
    for index, width in enumerate(config.hidden):
        x = _dense(config, width, f"hidden_{index}", constraint)(x)
        relu = qkeras.quantized_relu(q.activation_bits, q.activation_integer)
        x = qkeras.QActivation(relu, name=f"relu_{index}")(x)
    mean = _dense(config, config.latent, "mean", constraint)(x)
    latent = qkeras.quantized_bits(q.latent_bits, q.latent_integer, alpha=1)
    return keras.Model(inputs, [qkeras.QActivation(latent, name="latent")(mean), x], name="encoder")


def _dense(config: TrainingConfig, width: int, name: str, constraint: Any) -> Any:
    qkeras = require("qkeras")
    q = config.quantisation
    return qkeras.QDense(
        width,
        name=name,
        kernel_quantizer=qkeras.quantized_bits(q.weight_bits, q.weight_integer, symmetric=1, alpha=1),
        bias_quantizer=qkeras.quantized_bits(q.bias_bits, q.bias_integer, symmetric=1, alpha=1),
        kernel_constraint=None if constraint is None else constraint(name),
    )


def build_decoder(config: TrainingConfig, n_features: int) -> Any:
    """Float decoder: latent sample (n, latent) -> standardised features (n, n_features)."""
    keras = require("keras")
    x = inputs = keras.Input((config.latent,), name="sample")
    for width in config.decoder:
        x = keras.layers.Dense(width, activation="relu")(x)
    return keras.Model(inputs, keras.layers.Dense(n_features)(x), name="decoder")


def build_scorer(encoder: Any) -> Any:
    """What goes into firmware: words (n, n_features) -> sum of squared latent means (n, 1)."""
    keras, qkeras = require("keras"), require("qkeras")
    latent = encoder.get_layer("latent").output
    squares = keras.layers.Multiply(name="squares")([latent, latent])
    ones = qkeras.quantized_bits(2, 1, alpha=1)
    total = qkeras.QDense(1, use_bias=False, kernel_initializer="ones", kernel_quantizer=ones, name="score")
    return keras.Model(encoder.input, total(squares), name="scorer")
