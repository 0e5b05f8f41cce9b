"""Files that jobs leave: where they lie until one file is made of them, and how each of them appears whole or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from l1ml.data.event_layout import part_path

__all__ = ["attempt", "parts_folder"]


def parts_folder(path: Path) -> Path:
    """Where the files of the jobs lie until `path` is made of them."""
    return path.with_name(f"{path.name}-parts").absolute()


@contextmanager
def attempt(path: Path) -> Iterator[Path]:
    """A name beside `path` that no other attempt has, on whatever machine; renamed to `path` on success.

    When a cluster takes a worker for lost that is not, two of them do the same job.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    own = path.with_name(f".{path.stem}-{uuid.uuid4().hex[:12]}.h5")
    try:
        yield own
        own.replace(path)
    finally:
        for left in (own, part_path(own)):
            left.unlink(missing_ok=True)
