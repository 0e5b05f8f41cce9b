"""Deep Sets (Zaheer et al., arXiv:1703.06114): the same layers on every constituent, their mean, a head on that."""

from __future__ import annotations

from typing import Any

from l1ml.data import EventSchema
from l1ml.data.constituent_words import constituents_schema
from l1ml.training.tagger.architecture import Architecture
from l1ml.training.tagger.constituents import constituents_of, head, mean, rectified, widths_of
from l1ml.training.tagger.layers import Layers

__all__ = ["ARCHITECTURE"]


class _DeepSets:
    """No order of the constituents changes a word of what it says."""

    def schema(self, config: Any) -> EventSchema:
        """The constituents of ``config.slots``."""
        return constituents_schema(config.slots)

    def logits(self, x: Any, n_classes: int, config: Any, hidden: tuple[int, ...], layers: Layers) -> Any:
        """Widths ``config.embedding`` on every constituent, `hidden` on their mean."""
        x = constituents_of(x, config.slots, layers)
        x = rectified(x, widths_of(config, 1), layers, "each")
        return head(mean(x, layers, "pooled"), hidden, n_classes, layers)


ARCHITECTURE: Architecture = _DeepSets()
