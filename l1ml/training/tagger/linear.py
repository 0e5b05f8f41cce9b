"""The linear interaction network of JEDI-linear (arXiv:2508.15468): every constituent meets the mean of all, not each other one.

Where the layer on an edge between two constituents is linear, the sum over all edges of one of them is a kernel on itself plus
another on the sum of all: n layers and one more instead of n (n - 1).
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


class _Linear:
    """No order of the constituents changes a word of what it says."""

    def schema(self, config: Any) -> EventSchema:
        """The constituents of ``config.slots``."""
        return constituents_schema(config.slots)

    def logits(self, x: Any, n_classes: int, config: Any, hidden: tuple[int, ...], layers: Layers) -> Any:
        """The second of ``config.embedding`` is the width of the layer in which they meet; `hidden` are on the mean after it."""
        before, meeting, *after = widths_of(config, 2)
        x = rectified(constituents_of(x, config.slots, layers), (before,), layers, "each")
        x = rectified(_met(x, meeting, layers), tuple(after), layers, "after")
        return head(mean(x, layers, "pooled"), hidden, n_classes, layers)


def _met(x: Any, width: int, layers: Layers) -> Any:
    """One kernel on each constituent, plus another on the mean of all, which is computed once."""
    own = layers.dense(x, width, "meeting_own")
    common = layers.dense(mean(x, layers, "all", keepdims=True), width, "meeting_all")
    return layers.activation(require("keras").layers.Add(name="meeting")([own, common]), "meeting_relu")


ARCHITECTURE: Architecture = _Linear()
