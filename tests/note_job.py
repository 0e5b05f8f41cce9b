"""A job for the workers, in a module that a spawned process can import."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from l1ml.errors import StorageError
from l1ml.storage import atomic_path

__all__ = ["Note"]


@dataclass(frozen=True)
class Note:
    """A job that writes the number of its process, its fault if it has one, or the variable of the environment ``$FAULT``."""

    path: Path
    fault: str = ""
    units: int = 3

    def is_done(self) -> bool:
        return self.path.exists()

    def run(self, check: Callable[[], None]) -> None:
        check()
        if self.fault == "error":
            raise StorageError(28, "no space left")
        if self.fault == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        killed = self.path.with_name(f"{self.path.name}-killed")
        if self.fault == "kill once" and not killed.exists():
            killed.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fault in {"slow", "endless"}:
            until = time.monotonic() + (0.4 if self.fault == "slow" else 60)
            while time.monotonic() < until:
                check()
                time.sleep(0.02)
        text = os.environ.get(self.fault[1:], "") if self.fault.startswith("$") else self.fault or str(os.getpid())
        with atomic_path(self.path) as part:
            part.write_text(text)
