"""Dense layers on the high-level features of a jet, as the classifier of J. Duarte et al., arXiv:1804.06913, section 2.2."""

from __future__ import annotations

from typing import Any

from l1ml.data import EventSchema
from l1ml.data.jet_words import JET_FEATURES_SCHEMA
from l1ml.training.tagger.architecture import Architecture
from l1ml.training.tagger.layers import Layers

__all__ = ["ARCHITECTURE"]


class _Dense:
    """16 features, hidden layers, logits."""

    def schema(self, _config: Any) -> EventSchema:
        """The features."""
        return JET_FEATURES_SCHEMA

    def logits(self, x: Any, n_classes: int, _config: Any, hidden: tuple[int, ...], layers: Layers) -> Any:
        """Hidden layers one after the other."""
        x = layers.activation(x, "grid", signed=True)
        for index, width in enumerate(hidden):
            x = layers.activation(layers.dense(x, width, f"dense_{index}"), f"relu_{index}")
        return layers.dense(x, n_classes, "logits")


ARCHITECTURE: Architecture = _Dense()
