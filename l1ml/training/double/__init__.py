"""Two autoencoders of the same crossings whose scores are kept independent: a trigger that estimates its own background."""

from __future__ import annotations

from l1ml.training.double.config import DoubleConfig

__all__ = ["DoubleConfig"]
