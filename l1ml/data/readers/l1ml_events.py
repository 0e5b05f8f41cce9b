"""Our own event files as one more format: what makes version 2 of version 1."""

from __future__ import annotations

from pathlib import Path

import h5py

from l1ml.data.event_file import file_info, iterate_events
from l1ml.data.event_layout import FORMAT, text_of
from l1ml.data.readers.reader import Reader

__all__ = ["READER"]


def _is_event_file(path: Path) -> bool:
    """Whether `path` is HDF5 with our mark."""
    try:
        with h5py.File(path, "r") as file:
            return text_of(file.attrs.get("format", "")) == FORMAT
    except (OSError, RuntimeError, ValueError):
        return False


READER = Reader("l1ml", "event files of l1ml", (".h5", ".hdf5", ".part"), _is_event_file, iterate_events, file_info)
"""Event files of any version."""
