"""A mixer (Tolstikhin et al., arXiv:2105.01601; for jets arXiv:2503.03103): layers over features and over constituents in turn.

It is not invariant under permutations: every place in the order of pt has weights of its own, and bits of its own.
"""

from __future__ import annotations

from typing import Any

from l1ml._optional import require
from l1ml.data import EventSchema
from l1ml.data.constituent_words import constituents_schema
from l1ml.training.tagger.architecture import Architecture
from l1ml.training.tagger.constituents import constituents_of, head, mean, rectified, widths_of
from l1ml.training.tagger.layers import Layers

__all__ = ["ARCHITECTURE"]


class _Mixer:
    """The constituents must come in the order of the training."""

    def schema(self, config: Any) -> EventSchema:
        """The constituents of ``config.slots``."""
        return constituents_schema(config.slots)

    def logits(self, x: Any, n_classes: int, config: Any, hidden: tuple[int, ...], layers: Layers) -> Any:
        """The second of ``config.embedding`` counts the combinations of constituents; `hidden` are on their mean."""
        features, mixed, *after = widths_of(config, 2)
        x = layers.dense(constituents_of(x, config.slots, layers), features, "each")
        x = layers.activation(_turned(x, "by_feature"), "each_relu")
        x = layers.dense(x, mixed, "mixed")
        x = layers.activation(_turned(x, "by_combination"), "mixed_relu")
        x = rectified(x, tuple(after), layers, "after")
        return head(mean(x, layers, "pooled"), hidden, n_classes, layers)


def _turned(x: Any, name: str) -> Any:
    """Constituents and features in each other's place."""
    return require("keras").layers.Permute((2, 1), name=name)(x)


ARCHITECTURE: Architecture = _Mixer()
