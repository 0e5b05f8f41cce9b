"""Menus of the Global Trigger (uGT): their documents, their conditions in hardware values, and the replay of their decisions."""

from __future__ import annotations
