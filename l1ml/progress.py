"""How long work says how far it is, without knowing who listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["SILENT", "Checking", "Part", "Progress"]


class Progress(Protocol):
    """A listener: one task at a time, from `start` to `finish`."""

    def start(self, task: str, total: int | None = None) -> None:
        """Announce `task`, of `total` units where that is known."""

    def advance(self, n: int = 1) -> None:
        """Count `n` more units of the present task as done."""

    def finish(self) -> None:
        """End the present task."""


@dataclass(frozen=True, slots=True)
class Checking:
    """A listener that asks after each step, by calling `check`, whether to stop; `check` raises if so."""

    check: Callable[[], None]

    def start(self, task: str, total: int | None = None) -> None:
        """Nobody hears it."""

    def advance(self, n: int = 1) -> None:  # noqa: ARG002  a listener has it
        """Ask."""
        self.check()

    def finish(self) -> None:
        """Nobody hears it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A listener that says of each task which part of the whole it belongs to, and passes it on."""

    whole: Progress
    name: str

    def start(self, task: str, total: int | None = None) -> None:
        """Announce `task` with the name of the part before it."""
        self.whole.start(f"{self.name}: {task}", total)

    def advance(self, n: int = 1) -> None:
        """Pass on."""
        self.whole.advance(n)

    def finish(self) -> None:
        """Pass on."""
        self.whole.finish()


class _Silent:
    """A listener that does nothing."""

    def start(self, task: str, total: int | None = None) -> None:
        pass

    def advance(self, n: int = 1) -> None:
        pass

    def finish(self) -> None:
        pass


SILENT: Progress = _Silent()
