"""Seconds of the wall and of the processor since a moment; on a shared machine the two differ."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

__all__ = ["Stopwatch"]


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Runs from the moment it is made."""

    _wall: float = field(default_factory=time.perf_counter)
    _cpu: float = field(default_factory=time.process_time)

    @property
    def seconds(self) -> float:
        """Of the wall."""
        return time.perf_counter() - self._wall

    @property
    def cpu_seconds(self) -> float:
        """Of the processor, all threads of this process together."""
        return time.process_time() - self._cpu
