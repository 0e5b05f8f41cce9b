"""Graphs of hits as layers of a network: built in firmware, feeding a small interaction network."""

from __future__ import annotations

from l1ml.training.graph.config import HitFilterConfig, InteractionConfig
from l1ml.training.graph.edges import active_edges, hit_bits, neighbour_words

__all__ = ["HitFilterConfig", "InteractionConfig", "active_edges", "hit_bits", "neighbour_words"]
