"""Trained networks as teachers of the same network with learned bits: the student imitates their score for less logic."""

from __future__ import annotations

from l1ml.training.imitation.config import ImitationConfig, of_fixed_formats

__all__ = ["ImitationConfig", "of_fixed_formats"]
