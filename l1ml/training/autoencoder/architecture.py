"""The autoencoder: quantised encoder and decoder, and the squared error of its reconstruction.

The newest AXOL1TL generations score with sum(diff**2) of such a network (cms-hls4ml/AXOL1TL, v5 and v6), between features that
another network makes; here the difference is taken to the scaled words themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data import EventSchema
from l1ml.training.autoencoder.config import AutoencoderConfig
from l1ml.training.layers import Constraint, dense, hidden_layers, quantised, scaled_words, sum_of_squares

__all__ = ["build_scorer", "places_of", "reconstruction_score"]


def build_scorer(
    config: AutoencoderConfig, shifts: NDArray[np.int64], places: Sequence[int], constraint: Constraint = None
) -> Any:
    """What is trained and what goes into firmware: words (n, n_features) -> sum of squared differences (n, 1).

    Parameters
    ----------
    config : AutoencoderConfig
        Widths and formats.
    shifts : ndarray of int64, shape (n_features,)
        Powers of two by which the words are scaled down.
    places : sequence of int
        Features that are reconstructed.
    constraint : callable, optional
        Makes the Keras constraint of each kernel from its layer name; used for pruning.
    """
    inputs, scaled = scaled_words(config.quantisation, shifts)
    return require("keras").Model(inputs, reconstruction_score(scaled, config, places, constraint), name="scorer")


def places_of(schema: EventSchema, config: AutoencoderConfig) -> list[int]:
    """Features that are reconstructed and scored."""
    return [index for index, name in enumerate(schema.features) if config.angles or name.endswith("_pt")]


def reconstruction_score(
    scaled: Any, config: AutoencoderConfig, places: Sequence[int], constraint: Constraint = None, *, prefix: str = ""
) -> Any:
    """Squared distance (n, 1) of the words `scaled` (n, n_features) from what an autoencoder makes of them.

    Every number is on a grid, and the sum has fewer than 24 bits, so that float32 computes it exactly. `prefix` begins the names
    of the layers.
    """
    keras, formats = require("keras"), config.quantisation
    x = hidden_layers(scaled, config.hidden, formats, constraint, prefix=prefix)
    x = dense(formats, config.latent, f"{prefix}latent_words", constraint)(x)
    x = quantised(x, formats.latent_bits, formats.latent_integer, f"{prefix}latent")
    x = hidden_layers(x, config.decoder, formats, constraint, prefix=f"{prefix}decoder_")
    x = dense(formats, len(places), f"{prefix}reconstruction_words", constraint)(x)
    reconstruction = quantised(x, formats.input_bits, formats.input_integer, f"{prefix}reconstruction")
    wanted = scaled if len(places) == scaled.shape[-1] else keras.ops.take(scaled, list(places), axis=-1)
    difference = keras.layers.Subtract(name=f"{prefix}subtraction")([wanted, reconstruction])
    difference = quantised(difference, formats.difference_bits, formats.difference_integer, f"{prefix}difference")
    # the ones of the sum are part of what is trained here, and stay ones
    return sum_of_squares(difference, trainable=False, prefix=prefix)
