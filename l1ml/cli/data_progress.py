"""A progress bar that is taken off the terminal however the work ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from l1ml.cli.console import TerminalProgress

__all__ = ["told"]


@contextmanager
def told() -> Iterator[TerminalProgress]:
    """Progress for the work of one verb."""
    progress = TerminalProgress()
    try:
        yield progress
    finally:
        progress.finish()
