"""Networks on the constituents of jets: how big they are, how they are built and trained, and what they cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from l1ml.data.constituent_words import constituents_schema
from l1ml.emulation import IntegerEmulator
from l1ml.hardware import FixedPoint
from l1ml.model import GoldenWords, TriggerModel
from l1ml.model.extraction import extract_network, freeze
from l1ml.model.keras_file import keras_bytes
from l1ml.training.config import QuantisationConfig
from l1ml.training.tagger.architecture import build_tagger
from l1ml.training.tagger.config import TaggerConfig
from l1ml.training.tagger.layers import FixedLayers, Layers

__all__ = ["EIGHT_BITS", "formats", "network", "permuted", "trigger_model"]

EIGHT_BITS = FixedLayers(
    QuantisationConfig(
        input_bits=8,
        input_integer=3,
        weight_bits=8,
        weight_integer=1,
        bias_bits=8,
        bias_integer=1,
        activation_bits=8,
        activation_integer=3,
    )
)
"""Plain QKeras: eight bits for everything."""

_SHIFTS = (8, 4, 4)
"""Momenta in units of 64 GeV, angles in units of 0.07."""


def formats(slots: int) -> tuple[FixedPoint, ...]:
    """Of the words of a jet."""
    return tuple(scale.format for scale in constituents_schema(slots).feature_scales)


def network(config: TaggerConfig, layers: Layers, hidden: tuple[int, ...] = (32,)) -> Any:
    """Keras model of five classes."""
    return build_tagger(config, np.tile(_SHIFTS, config.slots), 5, hidden, layers)


def permuted(words: np.ndarray, order: Any) -> np.ndarray:
    """Words of jets with their constituents in another `order`."""
    return words.reshape(len(words), len(order), -1)[:, order].reshape(len(words), -1)


def trigger_model(model: Any, name: str, slots: int, words: np.ndarray) -> TriggerModel:
    """`model` with the jets `words` as its golden ones, weights frozen on their grid."""
    freeze(model)
    integers = extract_network(model, formats(slots))
    golden = GoldenWords(words, IntegerEmulator(integers).predict(words))
    features = constituents_schema(slots).features
    return TriggerModel(name, "0" * 64, features, integers, "logits of g, q, W, Z, t", keras_bytes(model), golden)
