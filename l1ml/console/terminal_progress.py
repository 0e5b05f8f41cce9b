"""Progress on stderr: bars on a terminal, lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from l1ml.console.results import tell

__all__ = ["TerminalProgress", "told"]

_STEPS_TOLD = 4


class TerminalProgress:
    """Progress bars on a terminal; elsewhere a line at the start, at each quarter and at the end of a task."""

    def __init__(self) -> None:
        from rich import progress as rich
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)
        self._bars = rich.Progress(
            rich.SpinnerColumn(),
            rich.TextColumn("{task.description}"),
            rich.BarColumn(),
            rich.MofNCompleteColumn(),
            rich.TimeElapsedColumn(),
            rich.TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._task, self._total, self._done, self._running = "", 0, 0, False

    def start(self, task: str, total: int | None = None) -> None:
        """Announce `task`, of `total` units where that is known."""
        self.finish()
        self._task, self._total, self._done, self._running = task, total or 0, 0, True
        if self._console.is_terminal:
            self._bars.start()
            self._id = self._bars.add_task(task, total=total)
        else:
            tell(f"{task} ...")

    def advance(self, n: int = 1) -> None:
        """Count `n` more units as done."""
        before, self._done = self._done, self._done + n
        if self._console.is_terminal:
            self._bars.advance(self._id, n)
        elif self._total >= _STEPS_TOLD and before * _STEPS_TOLD // self._total < self._done * _STEPS_TOLD // self._total:
            tell(f"{self._task}: {self._done} of {self._total}")

    def finish(self) -> None:
        """End the present task."""
        if self._running and self._console.is_terminal:
            self._bars.remove_task(self._id)
            self._bars.stop()
        self._running = False


@contextmanager
def told() -> Iterator[TerminalProgress]:
    """Progress for the work of one verb, taken off the terminal however it ends."""
    progress = TerminalProgress()
    try:
        yield progress
    finally:
        progress.finish()
