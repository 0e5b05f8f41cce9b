"""Conditional densities p(z | x): networks of bayesflow and of flow matching, and their training; for all rooms of offline."""

from __future__ import annotations

from offline.density.schedule import Training

__all__ = ["Training"]
