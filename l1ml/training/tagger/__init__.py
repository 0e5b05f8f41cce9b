"""Taggers: classifiers of jets, whose logits are words."""

from __future__ import annotations
