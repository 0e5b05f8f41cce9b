"""What a person sees: progress on stderr, results on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table

__all__ = ["TerminalProgress", "show_json", "show_table", "tell", "tell_undecided"]

_STEPS_TOLD = 4
_REASONS = 5


class TerminalProgress:
    """Progress bars on a terminal; elsewhere a line at the start, at each quarter and at the end of a task."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
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


def tell(line: str) -> None:
    """One line of talk on stderr."""
    print(line, file=sys.stderr, flush=True)


def tell_undecided(reasons: Mapping[str, str], what: str) -> None:
    """Say which seeds have no `what`, which is not the same as none, and why; the first few of them one by one."""
    for name, reason in list(reasons.items())[:_REASONS]:
        tell(f"l1ml: no {what} of {name}: {reason}")
    if len(reasons) > _REASONS:
        tell(
            f"l1ml: no {what} of {len(reasons) - _REASONS} more seeds, which are not zero but not known; --json gives the reasons"
        )


def show_json(value: Any) -> None:
    """`value` as JSON on stdout."""
    print(json.dumps(value, indent=1))


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table on stdout; numbers to the right."""
    table = Table(title=title, title_justify="left")
    cells = [[_cell(value) for value in row] for row in rows]
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right", overflow="fold")
    for row in cells:
        table.add_row(*row)
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 140).print(table)


def _cell(value: Any) -> str:
    """`value` as a person writes it; nothing where there is none."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
