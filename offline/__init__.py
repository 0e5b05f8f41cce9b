"""Offline analysis on the same event files: the rooms (unfolding, calorimeter, inference ...) are added one by one."""

from __future__ import annotations

__all__: list[str] = []
