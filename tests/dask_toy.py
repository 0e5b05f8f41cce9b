"""A real Dask cluster for tests, and a listener that kills one of its workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

__all__ = ["Cluster", "Killer"]

_TESTS = Path(__file__).parent


class Cluster:
    """Two real worker processes under a real scheduler."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(_TESTS / "dask_cluster.py"), str(_TESTS), str(_TESTS.parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()

    def pids(self) -> list[int]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return [int(word) for word in self.process.stdout.readline().split()]

    def close(self) -> None:
        self.process.communicate(timeout=60)


class Killer:
    """A listener that kills the first of some processes when some jobs are done."""

    def __init__(self, pids: Callable[[], list[int]], after: int) -> None:
        self.pids, self.after, self.done = pids, after, 0
        self.killed = 0

    def start(self, task: str, total: int | None = None) -> None:
        pass

    def advance(self, n: int = 1) -> None:
        self.done += 1
        if self.done == self.after:
            self.killed = self.pids()[0]
            os.kill(self.killed, signal.SIGKILL)

    def finish(self) -> None:
        pass
