"""A scorer that has been trained: a teacher, or what has learned from one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from l1ml.training.fitting import Fit

__all__ = ["Student"]


@dataclass(frozen=True, slots=True, eq=False)
class Student:
    """A scorer of fixed formats, how it was trained, and what a model says of it beside what all models say."""

    scorer: Any
    fit: Fit
    figures: Mapping[str, Any] = field(default_factory=dict)
