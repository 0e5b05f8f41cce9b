"""RAN: unfolding as a game against a critic."""

from __future__ import annotations

from offline.unfolding.ran.method import Ran
from offline.unfolding.ran.settings import GameSettings

__all__ = ["GameSettings", "Ran"]
