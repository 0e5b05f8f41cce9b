"""Both autoencoders, and what makes independent scores of their errors."""

from __future__ import annotations

from typing import Any

from l1ml._optional import require
from l1ml.data import Events
from l1ml.training.autoencoder.architecture import places_of, reconstruction_score
from l1ml.training.double.config import DoubleConfig
from l1ml.training.layers import Constraint, scaled_words
from l1ml.training.sample import feature_shifts, presence

__all__ = ["build_errors", "error_fractional", "scored_places"]

_PREFIXES = ("first_", "second_")


def scored_places(config: DoubleConfig) -> list[list[int]]:
    """Features that the first and that the second autoencoder reconstruct."""
    names, places = config.schema.features, places_of(config.schema, config)
    if not config.scored:
        return [places, places]
    return [[place for place in places if names[place].split("_")[0] in objects] for objects in config.scored]


def build_errors(train: Events, config: DoubleConfig, constraint: Constraint = None) -> Any:
    """Both autoencoders, untrained, scaled for the crossings `train`: words (n, n_features) -> errors (n, 2)."""
    inputs, scaled = scaled_words(config.quantisation, feature_shifts(train.features(), presence(train)))
    parts = zip(_PREFIXES, scored_places(config), strict=True)
    errors = [reconstruction_score(scaled, config, places, constraint, prefix=prefix) for prefix, places in parts]
    keras = require("keras")
    return keras.Model(inputs, keras.layers.Concatenate(name="errors" if config.sharing else "scores")(errors), name="scorer")


def error_fractional(config: DoubleConfig) -> int:
    """Bits behind the point of an error, a sum of squared differences."""
    formats = config.quantisation
    return 2 * (formats.difference_bits - 1 - formats.difference_integer)
