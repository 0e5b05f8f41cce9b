"""AUSSIE: unfolding in two fits instead of iterations."""

from __future__ import annotations

from offline.unfolding.aussie.method import Aussie
from offline.unfolding.aussie.settings import NetworkSettings

__all__ = ["Aussie", "NetworkSettings"]
