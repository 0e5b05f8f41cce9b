"""OmniFold: unfolding by iterated reweighting, without bins."""

from __future__ import annotations

from offline.unfolding.omnifold.background import positive_weights
from offline.unfolding.omnifold.method import OmniFold

__all__ = ["OmniFold", "positive_weights"]
