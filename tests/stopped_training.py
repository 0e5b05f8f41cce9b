"""A training that is stopped after some epochs, as Ctrl-C would."""

from __future__ import annotations

from l1ml.progress import Checking

__all__ = ["Stopped", "stop_after"]


class Stopped(Exception):
    """What a listener raises."""


def stop_after(epochs: int) -> Checking:
    """Listener that stops what it listens to in the epoch after `epochs`."""
    left = iter(range(epochs))

    def check() -> None:
        if next(left, None) is None:
            raise Stopped

    return Checking(check)
