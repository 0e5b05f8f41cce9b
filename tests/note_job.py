"""A job for the workers, in a module that a spawned process can import."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from l1ml.errors import StorageError

__all__ = ["Note"]


@dataclass(frozen=True)
class Note:
    """A job that writes the number of its process."""

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
        self.path.write_text(str(os.getpid()))
